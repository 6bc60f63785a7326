/** Read the pages without JavaScript. */

export default async ({ page, url, args }) => {
  await page.goto(`${url}/`);
  const cards = await page.locator(".card").count();
  const filters = await page.locator(".filters").isVisible();
  await page.goto(`${url}/models/${args.id}/`);
  return { cards, filters, words: await page.innerText("main") };
};
