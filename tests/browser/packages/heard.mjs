/** What an app, or code in its page, heard. */
export default async ({ page, url, args }) => {
  await page.goto(args.path.includes(":") ? args.path : `${url}/${args.path}`);
  return page.evaluate(args.code ?? "window.heard");
};
