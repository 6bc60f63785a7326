/** Through the pages of a small zoo, in each browser: try, look, cancel, listen, compare. */

import { answer, bars, cancelled, drop, forget, silence } from "./trial.mjs";

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

export default async ({ page, url, args, shot, browser }) => {
  const found = {};
  const picture = (name) => shot(`${browser}-${name}`, { fullPage: true });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const fits = () => document.documentElement.scrollWidth <= innerWidth;
  const texts = (selector) =>
    page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
  const settled = () => page.waitForTimeout(400); // bars have found their places
  /** Wide and light, dark, and on a phone. */
  async function look(name) {
    await settled();
    await picture(name);
    await page.setViewportSize(PHONE);
    await settled();
    await page.waitForFunction(fits); // soon, and always on a phone
    await picture(`${name}-phone`);
    await page.setViewportSize(WIDE);
    const light = await background();
    await page.click("[data-theme-toggle]");
    await settled();
    await picture(`${name}-dark`);
    const dark = await background();
    await page.click("[data-theme-toggle]");
    return [light, dark];
  }

  await page.setViewportSize(WIDE);
  await page.goto(`${url}/index.html`);
  await page.fill("[name=text]", "score");
  found.searched = await texts(".card:not([hidden]) h2");
  found.index = await look("index");

  await page.goto(`${url}/models/tiny/`);
  await page.$eval("body", () => {
    window.told = [];
    const status = document.querySelector("[data-status]");
    new MutationObserver(() => window.told.push(status.textContent)).observe(status, {
      childList: true,
    });
  });
  found.song = await drop(page, args.song);
  found.loading = await page.evaluate(() => window.told.filter((text) => / of .* MB/.test(text)));
  found.bars = await bars(page);
  await page.focus("[data-seek]");
  await page.keyboard.press("End");
  found.model = await look("model");
  found.end = await texts("[data-moment]");

  found.cancelled = await cancelled(page);
  await shot(`${browser}-cancelled`);
  found.empty = await drop(page, args.empty);
  await shot(`${browser}-empty`);
  found.again = await drop(page, args.song);

  await page.evaluate(() => (document.querySelector("[data-details]").open = true));
  for (const backend of ["webgl", "webgpu"]) {
    await forget(page);
    await page.selectOption("[name=backend]", backend);
    found[backend] = [await answer(page), await bars(page)];
  }
  await page.selectOption("[name=backend]", "wasm");

  await page.click("[data-microphone]");
  await page.waitForFunction(() => document.querySelector("[data-moment]").textContent === "Now");
  found.heard = await bars(page);
  await settled();
  await picture("microphone");
  found.off = await silence(page);
  await forget(page);
  await page.$eval("body", () => {
    MediaDevices.prototype.getUserMedia = async () => {
      throw new DOMException("It is forbidden.", "NotAllowedError");
    };
  });
  await page.click("[data-microphone]");
  found.denied = await answer(page);
  await shot(`${browser}-denied`);

  await page.goto(`${url}/compare.html#models=tiny,head`);
  found.compared = await drop(page, args.song);
  found.compare = await look("compare");
  found.names = await texts(".answer h2");

  await page.goto(args.alone);
  found.alone = await drop(page, args.song);
  found.aloneBars = await bars(page);
  return found;
};
