/** Runs args.code in the page of args.path: for tests of the harness itself. */
export default async ({ page, url, args, shot }) => {
  await page.goto(args.path.startsWith("file:") ? args.path : `${url}/${args.path}`);
  await page.click("body"); // or there is no sound
  const value = await page.evaluate(args.code);
  if (args.shot) await shot(args.shot);
  return value;
};
