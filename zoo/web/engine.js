/** The page's end of the engine's Worker. */

/**
 * @import { ListeningOptions } from "./listening.js"
 * @import { Metadata, Source } from "./network.js"
 * @import { Result } from "./prediction.js"
 *
 * @typedef {object} Loaded
 * @property {Metadata} metadata
 * @property {number} milliseconds  How long the network takes for a patch.
 *
 * @typedef {{type: "load", source: Source, backend: "wasm" | "webgl", wasm: string}} Load
 * @typedef {{type: "open"} & ListeningOptions} Open
 * @typedef {{type: "feed", samples: Float32Array}} Feed
 * @typedef {{type: "listen", port: MessagePort}} Listen
 * @typedef {Open | Feed | Listen | {type: "finish"} | {type: "close"}} JobRequest  To a job.
 *
 * @typedef {{type: "result", job: number, result: Result}} JobResult
 * @typedef {{type: "failed", job?: number, name: string, message: string}} Failed
 * @typedef {{type: "loaded"} & Loaded | JobResult | {type: "finished", job: number} | Failed} Reply
 *
 * @typedef {(message: JobRequest, transfer?: Transferable[]) => void} Send
 */

import { parts } from "./parts.js";
import { Stream, asError } from "./stream.js";

/** A Worker with a network. */
export class Engine {
  #worker;
  /** @type {Map<number, Stream>} */
  #streams = new Map();
  #opened = 0;
  #loading = /** @type {PromiseWithResolvers<Loaded>} */ (Promise.withResolvers());

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
   * @param {Source} source  An address is absolute.
   * @param {"wasm" | "webgl"} backend
   * @returns {Promise<Loaded>}
   */
  load(source, backend) {
    this.#worker.postMessage({ type: "load", source, backend, wasm: parts.wasm });
    return this.#loading.promise;
  }

  /**
   * Open a stream.
   * @param {ListeningOptions} options
   * @param {(result: Result) => void} onresult
   * @returns {Stream}
   */
  open(options, onresult) {
    const job = this.#opened++;
    /** @type {Send} */
    const send = (message, transfer) => this.#worker.postMessage({ job, ...message }, { transfer });
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

  /** @param {Reply} message */
  #receive(message) {
    if (message.type === "loaded") this.#loading.resolve(message);
    else if (message.job !== undefined) this.#streams.get(message.job)?.receive(message);
    else if (message.type === "failed") this.#fail(message);
  }

  /**
   * The Worker as a whole failed.
   * @param {Failed} message
   */
  #fail(message) {
    this.#loading.reject(asError(message));
    for (const stream of this.#streams.values()) stream.receive(message);
  }
}
