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

/** Take away what the page says, so that `answer` waits for what it says next. */
export const forget = (page) =>
  page.evaluate(() => {
    document.querySelector("[data-status]").textContent = "";
    document.querySelector("[data-error]").hidden = true;
  });

/** Drop a file into the page, as from a folder; tell of each event whether the page takes it. */
async function toss(page, path) {
  const data = await readFile(path, "base64");
  return page.evaluate(
    ([data, name]) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name));
      return ["dragenter", "dragover", "drop"].map((type) => {
        const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
      });
    },
    [data, basename(path)],
  );
}

/** Drop a file; return what the page says of it. */
export async function drop(page, path) {
  await ready(page);
  await forget(page);
  await toss(page, path);
  return answer(page);
}

export const bars = (page) =>
  page.$$eval("[data-bars] li", (rows) =>
    rows.map((row) => [
      row.querySelector(".name").textContent,
      row.querySelector(".score").textContent,
    ]),
  );

/** Cancel the example clip while it is analysed; return what the page shows a while later. */
export const cancelled = (page) =>
  page.evaluate(async () => {
    const work = document.querySelector("[data-work]");
    const begun = new Promise((resolve) => {
      const look = () => !work.hidden && work.querySelector("progress[value]") && resolve();
      new MutationObserver(look).observe(work, { attributes: true, subtree: true });
    });
    document.querySelector("[data-example]").click();
    await begun;
    document.querySelector("[data-cancel]").click();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return [document.querySelector("[data-status]").textContent, work.hidden];
  });

/** Switch the microphone off; return what the page says then. */
export async function silence(page) {
  await page.click("[data-microphone]");
  await page.waitForFunction(() =>
    document.querySelector("[data-status]").textContent.startsWith("The microphone"),
  );
  return page.textContent("[data-status]");
}

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
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/site/page.js", (route) => held.then(() => route.continue()));
  await page.goto(`${url}/models/${args.id}/`, { waitUntil: "commit" });
  await page.waitForSelector("footer");
  found.kept = await toss(page, args.song);
  release();
  found.song = await answer(page);
  found.command = await page.textContent("pre code");
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
  await page.waitForFunction(() => document.querySelector("[data-clock]").textContent > "0:00");
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
  await forget(page);
  await page.click("[data-example]");
  found.example = await answer(page);
  await page.evaluate(() => (document.querySelector("[data-details]").open = true));
  await forget(page);
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
  const logged = page.waitForEvent("console", (message) => message.type() === "log");
  await page.setInputFiles("input", args.song);
  found.own = await (await logged).args()[0].jsonValue();
  return found;
};
