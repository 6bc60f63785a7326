/** The page's end of the engine's Worker. */

/**
 * @import { Progress } from "./download.js"
 * @import { ListeningOptions } from "./listening.js"
 * @import { Metadata, Source } from "./network.js"
 * @import { Result } from "./prediction.js"
 *
 * @typedef {object} Loaded
 * @property {Metadata} metadata
 * @property {number} milliseconds  How long the network takes for a patch.
 * @property {Backend} backend  What runs it: WebGL where WebAssembly is forbidden.
 * @property {number} threads  Of WebAssembly.
 *
 * @typedef {"wasm" | "webgl" | "webgpu"} Backend
 * @typedef {{sources: Source[], backend?: Backend}} Order  Without a backend it is the fastest:
 *   WebGPU where that agrees with WebAssembly, and takes less time.
 * @typedef {{type: "load", wasm: string | Record<string, string>, threads: boolean} & Order} Load
 *   Threads are WebAssembly's, where the page may have any.
 * @typedef {{members: number[], layers?: string[]}} Members  Which of the networks that were loaded,
 *   and of several the layer of each.
 * @typedef {{type: "open"} & ListeningOptions & Members} Open
 * @typedef {{type: "feed", samples: Float32Array}} Feed
 * @typedef {{type: "listen", port: MessagePort}} Listen
 * @typedef {Open | Feed | Listen | {type: "finish"} | {type: "close"}} JobRequest  To a job.
 *
 * @typedef {{type: "result", job: number, result: Result}} JobResult
 * @typedef {{type: "failed", job?: number, name: string, message: string}} Failed
 * @typedef {{type: "progress"} & Progress} Progressed
 * @typedef {{type: "loaded", networks: Loaded[]} | {type: "starting"} | {type: "started"} | Progressed | JobResult | {type: "finished", job: number} | {type: "lost"} | Failed} Reply
 *
 * @typedef {(message: JobRequest, transfer?: Transferable[]) => void} Send
 */

import { parts } from "./parts.js";
import { Stream, asError } from "./stream.js";

const PATIENCE = 10_000; // milliseconds: a Firefox that a program drives starts some threads never

/** A Worker with a network. */
export class Engine {
  #worker;
  /** @type {Map<number, Stream>} */
  #streams = new Map();
  #opened = 0;
  #closed = false;
  #loading = /** @type {PromiseWithResolvers<Loaded[]>} */ (Promise.withResolvers());
  /** @type {((progress: Progress) => void) | undefined} */
  #onprogress;
  #lost = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
  /** Settles when the graphics card was lost, and WebAssembly goes on. */
  lost = this.#lost.promise;
  /** Whether it was. */
  isLost = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #starting;
  #restart = () => {}; // without threads

  constructor() {
    this.#worker = this.#work();
  }

  #work() {
    const worker = parts.worker();
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      const message = event.message ?? "its script cannot be loaded";
      this.#receive({ type: "failed", name: "Error", message: `The Worker failed: ${message}` });
    };
    return worker;
  }

  /**
   * Load networks; if that fails, the Worker ends.
   * @param {Order} order  Addresses are absolute.
   * @param {{signal?: AbortSignal, onprogress?: (progress: Progress) => void}} [options]
   * @returns {Promise<Loaded[]>}
   */
  async load(order, { signal, onprogress } = {}) {
    const abort = () => this.#loading.reject(signal?.reason);
    this.#onprogress = onprogress;
    const send = (/** @type {boolean} */ threads) =>
      this.#worker.postMessage({ type: "load", wasm: parts.wasm, threads, ...order });
    this.#restart = () => {
      this.#restart = () => {};
      this.#worker.onmessage = null;
      this.#worker.terminate();
      this.#worker = this.#work();
      send(false);
    };
    if (signal?.aborted) abort();
    else send(true);
    signal?.addEventListener("abort", abort);
    try {
      return await this.#loading.promise;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Open a stream.
   * @param {ListeningOptions & Members} options
   * @param {(result: Result) => void} onresult
   * @returns {Stream}
   * @throws {RangeError}  The sample rate is none.
   * @throws {DOMException}  AbortError: the engine is closed.
   */
  open(options, onresult) {
    if (this.#closed) throw new DOMException("The model was closed.", "AbortError");
    if (!(options.sampleRate > 0 && options.sampleRate < Infinity))
      throw new RangeError(`The sample rate is ${options.sampleRate}; it must be given in hertz.`);
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
    this.#closed = true;
    clearTimeout(this.#starting);
    this.#worker.terminate();
    for (const stream of this.#streams.values()) stream.close();
  }

  /** @param {Reply} message */
  #receive(message) {
    if (message.type === "starting") this.#wait();
    else if (message.type === "started") clearTimeout(this.#starting);
    else if (message.type === "loaded") this.#loading.resolve(message.networks);
    else if (message.type === "lost") {
      this.isLost = true;
      this.#lost.resolve();
    } else if (message.type === "progress") this.#onprogress?.(message);
    else if (message.job !== undefined) this.#streams.get(message.job)?.receive(message);
    else if (message.type === "failed") this.#fail(message);
  }

  /** Begin anew if threads do not start; where there are none, nothing but the network is slow. */
  #wait() {
    if (globalThis.crossOriginIsolated)
      this.#starting = setTimeout(() => this.#restart(), PATIENCE);
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
