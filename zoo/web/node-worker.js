/** What the engine's Worker finds in a browser, for a thread of Node.js. */

import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path, { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const fetchOfWeb = globalThis.fetch;
const scope = /** @type {any} */ (globalThis);

/** @param {string | URL} address */
scope.fetch = async (address, /** @type {RequestInit | undefined} */ options) => {
  if (!String(address).startsWith("file:")) return fetchOfWeb(address, options);
  return new Response(await readFile(fileURLToPath(address)));
};
// Where TensorFlow.js looks for parts of Node.js:
Object.assign(scope, { fs, path, require: createRequire(import.meta.url) });
scope.__dirname = dirname(fileURLToPath(import.meta.url));
scope.postMessage = (/** @type {unknown} */ message) => port.postMessage(message);
scope.onmessage = null;
await import("./worker.js");
port.on("message", (data) => scope.onmessage({ data }));
