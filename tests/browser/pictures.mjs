/** Take pictures of a model's page: wide, on a phone, in the dark; empty and in action. */

import { serious } from "./axe.mjs";
import { answer, bars, small } from "./trial.mjs";

export default async ({ page, url, args, shot }) => {
  await page.goto(`${url}/models/${args.id}/`);
  await shot("model-empty", { fullPage: true });
  await page.click("[data-example]");
  await answer(page);
  const top = await bars(page);
  await page.fill("[data-seek]", "7");
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400); // the bars have found their places
  await shot("model", { fullPage: true });
  await shot("readme", { fullPage: true, clip: { x: 110, y: 70, width: 1220, height: 1010 } });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(200);
  const found = { top, serious: await serious(page) };
  await shot("model-dark", { fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(200);
  found.overflow = await page.evaluate(() => document.documentElement.scrollWidth);
  found.small = await small(page);
  await shot("model-phone", { fullPage: true });
  return found;
};
