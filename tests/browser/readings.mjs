/** Drop a file into the pages of some models; read what each says of it. */

import { drop } from "./trial.mjs";

export default async ({ page, url, args, shot }) => {
  const found = {};
  for (const [id, clip] of Object.entries(args)) {
    await page.goto(`${url}/models/${id}/`);
    found[id] = {
      status: await drop(page, clip),
      reading: await page.textContent("[data-reading]"),
      bars: await page.$$eval("[data-bars] .name", (names) =>
        names.map((name) => name.textContent),
      ),
      described: await page.getAttribute("[data-picture]", "aria-label"),
    };
    await shot(`model-${id}`);
  }
  return found;
};
