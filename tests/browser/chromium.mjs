/**
 * Run a script in Chromium: node chromium.mjs REQUEST, a path of JSON with
 *
 * script   path of a module whose default export is async ({page, context, url, args, shot}) => JSON
 * url      where the folder is served; the only host that may be asked
 * args     whatever the script wants
 * flags    of Chromium, for instance for a microphone
 * context  options of playwright's newContext: viewport, colorScheme, …
 * shots    the folder of screenshots
 * seconds  that all of it may take
 *
 * Writes {value, problems} to stdout. Problems are errors of the page, messages on its console that
 * are errors, and requests to other hosts, which are refused.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const { script, url, args, flags, executable, seconds, ...request } = JSON.parse(
  await readFile(process.argv[2], "utf8"),
);
const problems = [];
setTimeout(() => {
  console.error(`It took longer than ${seconds} seconds.`, ...problems);
  process.exit(1); // playwright ends the browser
}, seconds * 1000).unref();
const browser = await chromium.launch({
  executablePath: executable,
  args: ["--no-sandbox", "--disable-dev-shm-usage", ...flags],
});
try {
  const context = await browser.newContext(request.context);
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
    // A page may cancel what it asked for, and leave while something is under way.
    if (errorText !== "net::ERR_ABORTED") problems.push(`failed: ${failed.url()} ${errorText}`);
  });
  const page = await context.newPage();
  const shot = (name, options) =>
    page.screenshot({ path: join(request.shots, `${name}.png`), ...options });
  const { default: run } = await import(pathToFileURL(script));
  const value = await run({ page, context, url, args, shot });
  process.stdout.write(JSON.stringify({ value: value ?? null, problems }));
} finally {
  await browser.close();
}
