/** Search and filter the index; look at it wide, on a phone, and in the dark. */

import { serious } from "./axe.mjs";

export default async ({ page, url, shot }) => {
  await page.goto(`${url}/`);
  const shown = () =>
    page.$$eval(".card:not([hidden]) h2 a", (links) =>
      links.map((link) => decodeURIComponent(link.pathname.split("/").at(-2))),
    );
  const count = () => page.textContent("[data-count]");
  const found = { all: await shown(), count: await count() };
  await shot("index", { fullPage: true });
  await page.keyboard.press("Tab");
  found.focused = await page.evaluate(() => document.activeElement.textContent);

  await page.fill("[name=text]", "saxophone");
  found.saxophone = await shown();
  await page.fill("[name=text]", "Música MUSICNN");
  found.nothing = [await shown(), await page.isVisible(".nothing")];
  await page.click("[data-clear]");
  found.cleared = (await shown()).length;
  await page.selectOption("[name=task]", "tempo");
  found.tempo = [await shown(), await count()];
  await page.selectOption("[name=task]", "");
  await page.selectOption("[name=size]", "1000000");
  await page.selectOption("[name=family]", "musicnn");
  found.small = await shown();
  found.address = new URL(page.url()).hash;
  await page.reload();
  found.again = await shown();

  await page.goto(`${url}/`);
  found.light = await serious(page);
  await page.click("[data-theme-toggle]");
  found.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  found.dark = await serious(page);
  await shot("index-dark", { fullPage: true });
  await page.reload();
  found.remembered = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.click("[data-theme-toggle]");
  await page.setViewportSize({ width: 390, height: 844 });
  found.overflow = await page.evaluate(() => document.documentElement.scrollWidth);
  await shot("index-phone", { fullPage: true });
  return found;
};
