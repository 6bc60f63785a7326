/** The engine in Node.js: its Worker is a thread, and models may be files. */

import { cwd } from "node:process";
import { Worker as Thread } from "node:worker_threads";
import { fileURLToPath, pathToFileURL } from "node:url";

import { parts } from "./parts.js";

const folder = new URL("./tfjs/", import.meta.url);

/** A thread that looks like a Worker of a browser. */
class NodeWorker {
  #thread = new Thread(new URL("./node-worker.js", import.meta.url));
  /** @type {(event: {data: any}) => void} */
  onmessage = () => {};
  /** @type {(event: {message?: string}) => void} */
  onerror = () => {};

  constructor() {
    this.#thread.on("message", (data) => this.onmessage({ data }));
    this.#thread.on("error", (error) => this.onerror(error));
  }

  /**
   * @param {unknown} message
   * @param {{transfer?: any[]}} [options]
   */
  postMessage(message, { transfer } = {}) {
    this.#thread.postMessage(message, transfer);
  }

  terminate() {
    this.#thread.terminate();
  }
}

Promise.withResolvers ??= () => {
  /** @type {any} */
  const settle = {}; // Node.js 20 does not have it
  settle.promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return settle;
};
parts.base = pathToFileURL(`${cwd()}/`).href;
parts.worker = () => /** @type {Worker} */ (/** @type {unknown} */ (new NodeWorker()));
parts.wasm = fileURLToPath(folder);

export * from "./zoo.js";
