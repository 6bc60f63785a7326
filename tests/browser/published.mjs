/** Visit a published zoo: from its index to each model, or one page by itself; drop a song. */

import { drop } from "./trial.mjs";

async function numbers(page, song) {
  const said = await drop(page, song);
  const rows = await page.$$eval("[data-table] tbody tr", (rows) =>
    rows.map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent)]),
  );
  return { said, rows };
}

export default async ({ page, url, args }) => {
  if (args.address) {
    await page.goto(args.address);
    return numbers(page, args.song);
  }
  const found = {};
  let loaded;
  page.on("request", (request) => loaded.add(request.url()));
  for (const id of args.ids) {
    loaded = new Set();
    await page.goto(`${url}/`);
    await page.click(`a[href^="models/${id}/"]`);
    await page.waitForURL(`**/models/${id}/**`);
    found.isolated = await page.evaluate(() => crossOriginIsolated);
    found[id] = { ...(await numbers(page, args.song)), loaded: [...loaded] };
  }
  return found;
};
