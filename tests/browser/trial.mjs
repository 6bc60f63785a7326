/** Try a model in its page: drop files, listen, look. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { serious } from "./axe.mjs";

/** Wait until a clip was analysed, or the page shows why not. */
export async function answer(page) {
  await page.waitForFunction(
    () =>
      /^Analysed/.test(document.querySelector("[data-status]").textContent) ||
      !document.querySelector("[data-error]").hidden,
  );
  return (await page.textContent("[data-error]")) || (await page.textContent("[data-status]"));
}

/** Wait until a page takes files: it is loaded before its scripts have run. */
export const ready = (page) =>
  page.waitForFunction(() => document.querySelector("[data-sources]")?.hidden === false);

/** Drop a file into the page, as from a folder. */
export async function drop(page, path) {
  await ready(page);
  const data = await readFile(path, "base64");
  await page.evaluate(
    ([data, name]) => {
      document.querySelector("[data-status]").textContent = ""; // of the clip before
      document.querySelector("[data-error]").hidden = true;
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name));
      for (const type of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
        );
    },
    [data, basename(path)],
  );
  return answer(page);
}

export const bars = (page) =>
  page.$$eval("[data-bars] li", (rows) =>
    rows.map((row) => [
      row.querySelector(".name").textContent,
      row.querySelector(".score").textContent,
    ]),
  );

/** Controls that a finger may miss. */
export const small = (page) =>
  page.$$eval("main :is(button, select, summary, a)", (controls) =>
    controls
      .filter((control) => control.getClientRects().length)
      .filter((control) => control.getBoundingClientRect().height < 44)
      .map((control) => control.outerHTML),
  );

/** How many colours there are in a picture. */
const colors = (page, name) =>
  page.$eval(`[data-${name}]`, (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

export default async ({ page, url, args }) => {
  const found = {};
  await page.goto(`${url}/models/${args.id}/`);
  found.command = await page.textContent("pre code");

  found.song = await drop(page, args.song);
  found.bars = await bars(page);
  found.moment = await page.textContent("[data-moment]");
  found.rows = await page.$$eval("[data-rows] span", (rows) => rows.map((row) => row.textContent));
  found.picture = [await colors(page, "picture"), await colors(page, "wave")];
  found.described = await page.getAttribute("[data-picture]", "aria-label");
  found.speed = await page.textContent("[data-speed]");
  await page.click(".numbers summary");
  found.numbers = await page.$$eval("[data-table] tbody tr", (rows) =>
    rows.map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent)]),
  );
  found.saved = {};
  for (const format of ["csv", "json"]) {
    const waiting = page.waitForEvent("download");
    await page.click(`[data-format=${format}]`);
    const saved = await waiting;
    found.saved[saved.suggestedFilename()] = await readFile(await saved.path(), "utf8");
  }
  await page.hover("[data-picture]");
  found.tip = await page.textContent("[data-tip]");
  found.serious = await serious(page);

  await page.focus("[data-seek]");
  await page.keyboard.press("End");
  found.end = [await page.textContent("[data-moment]"), await bars(page)];
  found.position = await page.getAttribute("[data-seek]", "aria-valuetext");
  await page.keyboard.press("Home");
  found.start = [await page.textContent("[data-moment]"), await bars(page)];
  await page.click("[data-play]");
  await page.waitForFunction(() => document.querySelector("[data-clock]").textContent === "0:01");
  found.playing = await page.getAttribute("[data-play]", "aria-label");
  await page.click("[data-overall]");
  found.back = [await page.textContent("[data-moment]"), await bars(page)];
  await page.waitForFunction(
    () => document.querySelector("[data-play]").getAttribute("aria-label") === "Play",
  );
  found.paused = await page.getAttribute("[data-play]", "aria-label");
  await page.fill("[data-seek]", "13.5");
  await page.click("[data-play]");
  await page.waitForFunction(
    () => document.querySelector("[data-moment]").textContent === "Overall",
  );
  found.ended = await bars(page);

  found.short = await drop(page, args.short);
  found.left = await page.isVisible("[data-result]");
  found.text = await drop(page, args.text);
  await page.click("[data-example]");
  await page.waitForFunction(() => document.querySelector("[data-error]").hidden);
  found.example = await answer(page);
  await page.evaluate(() => {
    document.querySelector("[data-status]").textContent = "";
    document.querySelector("[data-details]").open = true;
  });
  await page.selectOption("[name=backend]", "webgl");
  await answer(page);
  await page
    .workers()
    .at(-1)
    .evaluate(() => tf.backend().gpgpu.gl.getExtension("WEBGL_lose_context").loseContext());
  found.lost = [await drop(page, args.song), await bars(page)];
  await page.click("[data-microphone]");
  await page.waitForFunction(() => !document.querySelector("[data-error]").hidden);
  found.denied = await page.textContent("[data-error]");

  await page.goto(`${url}/own.html`);
  const logged = page.waitForEvent("console");
  await page.setInputFiles("input", args.song);
  found.own = await (await logged).args()[0].jsonValue();
  return found;
};
