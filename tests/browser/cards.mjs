/** Search the cards of a whole catalog, and follow a class from a card. */

import { serious } from "./axe.mjs";

export default async ({ page, url, args, shot }) => {
  const shown = () =>
    page.$$eval(".card:not([hidden]) h2 a", (links) =>
      links.map((link) => decodeURIComponent(link.pathname.split("/").at(-2))),
    );
  await page.goto(`${url}/#text=${args.word}`);
  const found = { known: await shown() };
  await page.goto(`${url}/models/${args.id}/`);
  found.serious = await serious(page);
  await shot("card", { fullPage: true });
  await page.click(`.tags a:text-is("${args.word}")`);
  await page.waitForURL("**/index.html**");
  found.followed = await shown();
  await shot("cards");
  await page.goto(`${url}/models/${args.old}/`);
  await shot("card-old");
  await page.click("[role=note] a");
  await page.waitForURL((address) => !address.pathname.includes(args.old));
  found.successor = await page.textContent(".hero .id");
  return found;
};
