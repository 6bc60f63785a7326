/** What the engine's Worker finds in a browser, for a thread of Node.js. */

import { resolveObjectURL } from "node:buffer";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker as Thread, parentPort, workerData } from "node:worker_threads";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const fetchOfWeb = globalThis.fetch;
const scope = /** @type {any} */ (globalThis);

/** A Worker that the wasm backend has in reserve: its thread begins when there is work for it. */
class Reserve {
  #address;
  #given = {};
  /** @type {Thread | null} */
  #thread = null;
  /** @type {(event: {data: any}) => void} */
  onmessage = () => {};

  /** @param {string} address  Of a Blob, which Node.js runs in no thread. */
  constructor(address) {
    this.#address = address;
    queueMicrotask(() => this.onmessage({ data: {} })); // as a script that has begun
  }

  /** @param {any} message */
  async postMessage({ urlOrBlob, ...message }) {
    if (message.cmd === "load") {
      const blob = /** @type {Blob} */ (resolveObjectURL(this.#address));
      const load = { ...message, urlOrBlob: await urlOrBlob.text() };
      this.#given = { script: await blob.text(), load };
      this.onmessage({ data: { cmd: "loaded" } });
      return;
    }
    if (!this.#thread) {
      this.#thread = new Thread(new URL(import.meta.url), { workerData: this.#given });
      this.#thread.on("message", (data) => data.cmd !== "loaded" && this.onmessage({ data }));
    }
    this.#thread.postMessage(message); // at once: whoever waits for it may block
  }

  terminate() {
    this.#thread?.terminate();
  }
}

/** @param {string | URL} address */
scope.fetch = async (address, /** @type {RequestInit | undefined} */ options) => {
  if (/^https?:/.test(String(address))) return fetchOfWeb(address, options);
  const path = String(address).startsWith("file:") ? fileURLToPath(address) : address;
  const type = String(path).endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(await readFile(path), { headers: { "Content-Type": type } });
};
scope.postMessage = (/** @type {unknown} */ message) => port.postMessage(message);
scope.onmessage = null;
scope.navigator ??= Object.create({ hardwareConcurrency: availableParallelism() }); // Node.js 20
// TensorFlow.js starts threads where it finds a Worker of a browser, and not Node.js:
const location = { href: import.meta.url };
Object.assign(scope, { self: scope, WorkerGlobalScope: Object, process: undefined, location });
Object.assign(scope, { crossOriginIsolated: true, Worker: Reserve });
scope.importScripts = (/** @type {string} */ script) => (0, eval)(script);
if (workerData) {
  scope.importScripts(workerData.script);
  scope.onmessage({ data: workerData.load });
} else await import("./worker.js");
port.on("message", (data) => scope.onmessage({ data }));
