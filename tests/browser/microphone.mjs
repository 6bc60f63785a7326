/** Let a model listen to the microphone. */

import { bars, silence } from "./trial.mjs";

export default async ({ page, url, args }) => {
  const found = {};
  await page.goto(args.address ?? `${url}/models/${args.id}/`);
  const button = page.locator("[data-microphone]");
  await button.click();
  await page.waitForFunction(() => document.querySelector("[data-moment]").textContent === "Now");
  found.bars = await bars(page);
  found.pressed = await button.getAttribute("aria-pressed");
  found.status = await silence(page);
  found.off = await button.getAttribute("aria-pressed");
  return found;
};
