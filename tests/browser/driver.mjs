/**
 * Run scripts in browsers: each line of stdin is a request, each line of stdout its answer.
 *
 * A request is JSON with
 *
 * browser     chromium, firefox or webkit, with the path of its program as `program`
 * script      path of a module whose default export is async ({page, context, url, args, shot}) => JSON
 * url         where the folder is served; the only host that may be asked
 * args        whatever the script wants
 * microphone  what it hears in Chromium: nothing if null, as access is denied; a beep if ""; else a
 *             WAV file. In Firefox and WebKit it always hears a tone.
 * graphics    whether Chromium has WebGPU, computed in software
 * context     options of playwright's newContext: viewport, colorScheme, …
 * shots       the folder of screenshots
 * seconds     that all of it may take
 *
 * The answer is {value, problems}, or {error}. Problems are errors of the page, messages on its
 * console that are errors, and requests to other hosts, which are refused.
 *
 * A browser is started once, and each script gets a context of its own. Chromium and Firefox are
 * driven by playwright; WebKit by WebDriver, in a page with the part of playwright's methods that
 * scripts for all three may use.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { chromium, firefox } from "playwright-core";

import { desktop } from "./desktop.mjs";
import { WebKit } from "./webkit.mjs";

const CHROMIUM = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--use-angle=swiftshader", // WebGL without a graphics card
  "--enable-unsafe-swiftshader",
  "--use-fake-device-for-media-stream",
];
const FIREFOX = {
  "media.navigator.permission.disabled": true, // it is granted to all
  "media.navigator.streams.fake": true,
  "webgl.force-enabled": true, // without a graphics card
  "webgl.forbid-software": false,
};

const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Each starts a browser for what its microphone hears. */
const STARTS = {
  chromium: (executablePath, heard, graphics) =>
    chromium.launch({
      executablePath,
      args: [
        ...CHROMIUM,
        ...(heard ? [`--use-file-for-fake-audio-capture=${heard}`] : []),
        ...(graphics ? WEBGPU : []),
      ],
    }),
  firefox: async (executablePath) =>
    firefox.launch({
      executablePath,
      env: await desktop(),
      headless: false, // or there is no WebGL
      channel: "moz-firefox", // by WebDriver BiDi, as every Firefox knows it
      firefoxUserPrefs: FIREFOX,
    }),
  webkit: (program) => WebKit.start(program),
};

const started = new Map();

function browser({ browser: name, program, microphone, graphics }) {
  const heard = name === "chromium" ? microphone || "" : "";
  const key = JSON.stringify([name, heard, name === "chromium" && graphics]);
  if (!started.has(key)) started.set(key, STARTS[name](program, heard, graphics));
  return started.get(key);
}

/** Tell what a page does wrong, and let it ask nobody else. */
async function watch(context, url, problems, scripts) {
  await context.route(
    ({ protocol, origin }) => /^(http|ws)s?:$/.test(protocol) && origin !== url,
    (route) => {
      problems.push(`request to another host: ${route.request().url()}`);
      return route.abort();
    },
  );
  context.on("weberror", (error) => problems.push(`error: ${error.error().stack}`));
  context.on("console", (message) => {
    const { url: source, lineNumber } = message.location();
    if (message.type() === "error")
      problems.push(`console: ${message.text()} (${source}:${lineNumber})`);
  });
  context.on("requestfailed", (failed) => {
    const { errorText } = failed.failure();
    // A page may cancel what it asked for, and leave while something is under way. Without
    // JavaScript, Chromium refuses modules that are asked for ahead.
    const expected = /ABORT/.test(errorText) || (errorText === "csp" && !scripts);
    if (!expected) problems.push(`failed: ${failed.url()} ${errorText}`);
  });
}

async function run({ script, url, args, shots, ...request }) {
  const problems = [];
  const context = await (await browser(request)).newContext(request.context);
  try {
    if (request.browser !== "webkit")
      await watch(context, url, problems, request.context?.javaScriptEnabled ?? true);
    if (request.browser === "chromium" && request.microphone !== null)
      await context.grantPermissions(["microphone"]);
    const page = await context.newPage(problems);
    page.setDefaultTimeout?.(request.seconds * 500);
    const shot = async (name, options) => {
      const before = problems.length;
      await page.screenshot({ path: join(shots, `${name}.png`), ...options });
      problems.length = before; // playwright adds a style, which the page's policy refuses
    };
    const { default: asked } = await import(pathToFileURL(script));
    const limit = new AbortController();
    const late = sleep(request.seconds * 1000, null, limit).then(() => {
      throw new Error([`It took longer than ${request.seconds} seconds.`, ...problems].join("\n"));
    });
    const value = await Promise.race([
      asked({ page, context, url, args, shot, browser: request.browser }),
      late,
    ]);
    limit.abort();
    late.catch(() => {});
    return { value: value ?? null, problems };
  } finally {
    await context.close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line)).catch((error) => ({ error: error.stack }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await Promise.allSettled([...started.values()].map(async (each) => (await each).close()));
process.exit(); // and what it started
