/** Take pictures of a model's page: wide, on a phone, in the dark; empty and in action. */

import { serious } from "./axe.mjs";
import { answer, bars, small } from "./trial.mjs";

export default async ({ page, url, args, shot }) => {
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) window.shifted += value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${url}/models/${args.id}/`);
  await page.waitForSelector("[data-example]");
  await page.waitForTimeout(200);
  const shifted = [await page.evaluate(() => window.shifted)];
  await shot("model-empty", { fullPage: true });
  await page.click("[data-example]");
  await answer(page);
  const top = await bars(page);
  await page.waitForTimeout(200);
  await page.evaluate(() => (window.shifted = 0));
  await page.fill("[data-seek]", "7");
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400); // the bars have found their places
  shifted.push(await page.evaluate(() => window.shifted));
  await shot("model", { fullPage: true });
  await shot("readme", { fullPage: true, clip: { x: 110, y: 70, width: 1220, height: 1010 } });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(200);
  const found = { top, shifted, serious: await serious(page) };
  await shot("model-dark", { fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(200);
  found.overflow = await page.evaluate(() => document.documentElement.scrollWidth);
  found.small = await small(page);
  await shot("model-phone", { fullPage: true });
  return found;
};
