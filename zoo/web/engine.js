/** The page's end of the engine's Worker. */

import { parts } from "./parts.js";
import { Stream } from "./stream.js";

const ERRORS = { RangeError, TypeError };

/** A Worker with a network. */
export class Engine {
  #worker;
  #streams = new Map();
  #opened = 0;
  #loading;

  constructor() {
    this.#worker = parts.worker();
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      const message = event.message ?? "its script cannot be loaded";
      this.#receive({ type: "failed", name: "Error", message: `The Worker failed: ${message}` });
    };
  }

  /**
   * Load the network.
   * @param {string | object} source  See `Model.load`; an address is absolute.
   * @param {"wasm" | "webgl"} backend
   * @returns {Promise<{metadata: object, milliseconds: number}>}
   */
  load(source, backend) {
    return new Promise((resolve, reject) => {
      this.#loading = { resolve, reject };
      this.#worker.postMessage({ type: "load", source, backend, wasm: parts.wasm });
    });
  }

  /**
   * Open a stream; its options are those of `Listening`.
   * @returns {Stream}
   */
  open(options, onresult) {
    const job = this.#opened++;
    const send = (message, transfer) => this.#worker.postMessage({ job, ...message }, transfer);
    const stream = new Stream(send, options, onresult);
    this.#streams.set(job, stream);
    stream.done.catch(() => {}).then(() => this.#streams.delete(job));
    return stream;
  }

  /** End the Worker. */
  close() {
    this.#worker.terminate();
    for (const stream of this.#streams.values()) stream.close();
  }

  #receive({ job, ...message }) {
    if (message.type === "failed") message.error = error(message);
    if (message.type === "loaded") this.#loading.resolve(message);
    else if (job !== undefined) this.#streams.get(job)?.receive(message);
    else this.#fail(message);
  }

  /** The Worker as a whole failed. */
  #fail(message) {
    this.#loading.reject(message.error);
    for (const stream of this.#streams.values()) stream.receive(message);
  }
}

function error({ name, message }) {
  return new (ERRORS[name] ?? Error)(message);
}
