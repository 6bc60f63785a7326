/** WebKitGTK by W3C WebDriver, with those of playwright's methods that scripts for all use. */

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { desktop, start } from "./desktop.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf"; // what WebDriver calls a reference to one
const KEYS = { Tab: "\uE004", End: "\uE010", Home: "\uE011", Enter: "\uE007" };
const POLL = 50; // milliseconds
const SHOWN = 300; // milliseconds, after which a window has its new size on the screen
const WAIT = 90_000;

/** Note what goes wrong in a page from now on. */
const NOTE = `
  if (!window.__problems) {
    const problems = (window.__problems = []);
    addEventListener("error", (event) => problems.push("error: " + event.message));
    addEventListener("unhandledrejection", (event) => problems.push("error: " + event.reason));
    addEventListener("securitypolicyviolation", (event) =>
      problems.push("refused: " + event.violatedDirective + " " + event.blockedURI));
    const { error } = console;
    console.error = (...words) => {
      problems.push("console: " + words.join(" "));
      error(...words);
    };
  }
  return window.__problems;`;

/** Programs that show and drive WebKit. */
export class WebKit {
  #address;

  static async start(program) {
    const port = await freePort();
    start(program, [`--port=${port}`], "ignore", await desktop());
    const browser = new WebKit(`http://127.0.0.1:${port}`);
    await until(() => browser.call("GET", "/status").catch(() => false));
    return browser;
  }

  constructor(address) {
    this.#address = address;
  }

  /** Send a command; return its value. */
  async call(method, path, body) {
    const answer = await fetch(this.#address + path, { method, body: JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  /** A session is a context with one page. */
  async newContext({ viewport = { width: 1280, height: 720 }, colorScheme } = {}) {
    const args = ["--automation", "--enable-mock-capture-devices=true"];
    if (colorScheme === "dark") args.push("--dark-mode");
    const alwaysMatch = { "webkitgtk:browserOptions": { args } };
    const { sessionId } = await this.call("POST", "/session", { capabilities: { alwaysMatch } });
    const call = (method, path, body) => this.call(method, `/session/${sessionId}${path}`, body);
    await call("POST", "/timeouts", { script: 180_000 });
    return {
      newPage: async (problems) => {
        const page = new Page(call, problems);
        await page.setViewportSize(viewport);
        return page;
      },
      close: () => call("DELETE", ""),
    };
  }

  close() {} // its driver ends with this process
}

/** A page of WebKit. */
class Page {
  #call;
  #problems;
  keyboard = { press: (key) => this.#press(key) };
  mouse = { move: (x, y) => this.#point({ x, y }) };

  constructor(call, problems) {
    this.#call = call;
    this.#problems = problems;
  }

  async goto(url) {
    await this.#call("POST", "/url", { url });
    await this.waitForFunction("document.readyState === 'complete'"); // its modules ran
  }

  async reload() {
    await this.#call("POST", "/refresh", {});
    await this.#note();
  }

  url() {
    return this.#call("GET", "/url");
  }

  /** Run a function, or an expression, in the page. */
  async evaluate(code, arg) {
    const called = typeof code === "function" ? `(${source(code)})(arguments[0])` : `(${code})`;
    const script = `
      const told = arguments[1];
      (async () => ${called})().then((value) => told({ value }),
        (error) => told({ failed: error?.stack ? error + " " + error.stack : String(error) }));`;
    const args = [arg ?? null];
    const { value, failed } = await this.#call("POST", "/execute/async", { script, args });
    await this.#note();
    if (failed) throw new Error(failed);
    return value;
  }

  waitForFunction(code, arg) {
    return until(() => this.evaluate(code, arg));
  }

  async waitForURL(pattern) {
    const path = pattern.replaceAll("*", "");
    await until(async () => (await this.url()).includes(path));
    await this.#note();
  }

  waitForTimeout(milliseconds) {
    return sleep(milliseconds);
  }

  $eval(selector, code) {
    return this.evaluate(`(${code})(document.querySelector(${JSON.stringify(selector)}))`);
  }

  $$eval(selector, code) {
    return this.evaluate(`(${code})([...document.querySelectorAll(${JSON.stringify(selector)})])`);
  }

  textContent(selector) {
    return this.$eval(selector, (element) => element.textContent);
  }

  getAttribute(selector, name) {
    return this.$eval(selector, `(element) => element.getAttribute(${JSON.stringify(name)})`);
  }

  isVisible(selector) {
    return this.$eval(selector, (element) => !!element && element.getClientRects().length > 0);
  }

  focus(selector) {
    return this.$eval(selector, (element) => element.focus());
  }

  /** Click as a visitor does, as soon as it is there to be seen. */
  async click(selector) {
    await until(() => this.isVisible(selector));
    const id = await this.#found(selector);
    await this.#call("POST", `/element/${id}/click`, {});
  }

  async hover(selector) {
    const origin = { [ELEMENT]: await this.#found(selector) };
    await this.#point({ origin, x: 0, y: 0 });
  }

  /** Set a field, with the events that typing has. */
  fill(selector, value) {
    const set = JSON.stringify(value);
    return this.$eval(
      selector,
      `(field) => {
        field.value = ${set};
        for (const type of ["input", "change"])
          field.dispatchEvent(new Event(type, { bubbles: true }));
      }`,
    );
  }

  selectOption(selector, value) {
    return this.fill(selector, value);
  }

  /** Choose a file. */
  async setInputFiles(selector, path) {
    const data = JSON.stringify(await readFile(path, "base64"));
    const name = JSON.stringify(basename(path));
    await this.$eval(
      selector,
      `(field) => {
        const bytes = Uint8Array.from(atob(${data}), (letter) => letter.charCodeAt(0));
        const chosen = new DataTransfer();
        chosen.items.add(new File([bytes], ${name}));
        field.files = chosen.files;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }`,
    );
  }

  /** The window is larger than the page by a frame, and has a least width of its own. */
  async setViewportSize({ width, height }) {
    const frame = "[outerWidth - innerWidth, outerHeight - innerHeight]";
    const [across, down] = await this.evaluate(frame);
    await this.#call("POST", "/window/rect", { width: width + across, height: height + down });
    await sleep(SHOWN);
  }

  async screenshot({ path, fullPage }) {
    const [width, height] = await this.evaluate("[innerWidth, innerHeight]");
    if (fullPage) {
      const whole = await this.evaluate("document.documentElement.scrollHeight");
      await this.setViewportSize({ width, height: whole });
    }
    await writeFile(path, await this.#call("GET", "/screenshot"), "base64");
    if (fullPage) await this.setViewportSize({ width, height });
  }

  async #found(value) {
    const element = await this.#call("POST", "/element", { using: "css selector", value });
    return element[ELEMENT];
  }

  #press(key) {
    const value = KEYS[key] ?? key;
    const strokes = ["keyDown", "keyUp"].map((type) => ({ type, value }));
    const keyboard = { type: "key", id: "keyboard", actions: strokes };
    return this.#call("POST", "/actions", { actions: [keyboard] });
  }

  #point(place) {
    const actions = [{ type: "pointerMove", duration: 0, ...place }];
    return this.#call("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  /** Take over what went wrong. */
  async #note() {
    const noted = await this.#call("POST", "/execute/sync", { script: NOTE, args: [] });
    for (const problem of noted)
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
  }
}

/** The source of a function; that of a method is none by itself. */
function source(called) {
  const text = String(called);
  const isMethod = /^(async )?(?!async\b|function\b)\w+\(/.test(text);
  return isMethod ? `({ ${text} }).${called.name}` : text;
}

async function until(what) {
  for (const end = Date.now() + WAIT; ;) {
    const value = await what();
    if (value) return value;
    if (Date.now() > end) throw new Error("It took too long.");
    await sleep(POLL);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
