/** Tick models in the index, and compare them on a song. */

import { readFile } from "node:fs/promises";

import { serious } from "./axe.mjs";
import { cancelled, drop } from "./trial.mjs";

export default async ({ page, url, args, shot }) => {
  const texts = (selector) =>
    page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
  const found = {};
  await page.goto(`${url}/`);
  for (const box of await page.$$("[name=compare]")) await box.check();
  found.link = await page.textContent("[data-chosen] a");
  await shot("index-chosen");
  await page.click("[data-chosen] a");
  await page.waitForURL("**/compare.html**");
  found.names = await texts(".answer h2");
  await shot("compare-empty");
  found.status = await drop(page, args.song);
  found.moments = await texts("[data-moment]");
  const waiting = page.waitForEvent("download");
  await page.click("[data-format=json]");
  found.saved = JSON.parse(await readFile(await (await waiting).path(), "utf8")).results;
  await page.fill("[data-seek]", "7");
  found.moved = await texts("[data-moment]");
  found.axes = await texts("[data-axis]");
  await page.mouse.move(0, 0);
  await page.waitForTimeout(300);
  await shot("compare");
  found.serious = await serious(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("compare-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(200);
  found.wave = await page.$eval("[data-wave]", (canvas) => canvas.clientWidth);
  found.overflow = await page.evaluate(() => document.documentElement.scrollWidth);
  await shot("compare-phone", { fullPage: true });
  found.cancelled = await cancelled(page);
  await drop(page, args.short);
  found.short = await texts(".answer [data-error]");
  found.left = [await texts("[data-bars] li"), await page.isVisible("[data-save]")];
  return found;
};
