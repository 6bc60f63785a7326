/** Try a model that reads descriptors: choose files, and read what the page says. */

import { forget, ready } from "./trial.mjs";

export default async ({ page, url, args }) => {
  await page.goto(`${url}/models/${args.id}/`);
  await ready(page);
  const status = page.locator("[data-status]");
  const error = page.locator("[data-error]");
  const choose = async (file) => {
    await forget(page);
    await page.locator("input[type=file]").setInputFiles(file);
    await page.waitForFunction(() => {
      const said = document.querySelector("[data-status]").textContent;
      return said.startsWith("Predicted") || !document.querySelector("[data-error]").hidden;
    });
  };
  await choose(args.song);
  const bars = await page
    .locator("[data-bars] li")
    .evaluateAll((rows) =>
      rows.map((row) => [
        row.querySelector(".name").textContent,
        Number(row.querySelector(".score").textContent),
      ]),
    );
  const told = await status.textContent();
  await choose(args.unknown);
  const unknown = await status.textContent();
  await choose(args.few);
  const few = await error.textContent();
  await choose(args.text);
  const text = await error.textContent();
  const own = await page.evaluate(async (id) => {
    const { DescriptorModel, readDescriptors } = await import("/zoo/zoo.js");
    const model = await DescriptorModel.load(`/models/${id}/tfjs/`);
    const given = readDescriptors(
      '{"low": {"mean": [0.5, 0.25, -1], "var": 2}, "tonal": {"key": "A#"}}',
    );
    return [...(await model.predict(given)).activations];
  }, args.id);
  return { bars, told, unknown, few, text, own, words: await page.innerText("main") };
};
