/**
 * A model in a page.
 *
 * @import { DecodedResult, Result } from "./prediction.js"
 * @import { Progress } from "./download.js"
 * @import { Backend, Loaded } from "./engine.js"
 * @import { ListeningOptions } from "./listening.js"
 * @import { Metadata, Source } from "./network.js"
 * @import { Audio } from "./samples.js"
 * @import { Stream } from "./stream.js"
 */

import { yieldToEventLoop } from "./event-loop.js";
import { decode, impliedClasses } from "./decoders.js";
import { Engine } from "./engine.js";
import { parts } from "./parts.js";
import { Prediction } from "./prediction.js";
import { mono } from "./samples.js";

const BLOCK = 1 << 20; // samples that are handed on between two yields to the event loop

/** A model that can be asked about audio. The network runs in a Worker beside the page. */
export class Model {
  #engine;
  #member;
  #backend;

  /**
   * Load a model that was exported with its front-end.
   *
   * @param {Source} source
   * @param {object} [options]
   * @param {Backend} [options.backend]  If not given, WebGPU where it agrees with WebAssembly and is
   *   faster, which is measured once and remembered; else WebAssembly.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @param {(progress: Progress) => void} [options.onprogress]  Called while it is fetched.
   * @returns {Promise<Model>}
   * @throws {Error}  It cannot be fetched, or is no such model.
   * @throws {DOMException}  AbortError.
   */
  static async load(source, { backend, signal, onprogress } = {}) {
    const engine = new Engine();
    const order = { sources: [located(source)], backend };
    const [loaded] = await engine.load(order, { signal, onprogress });
    return new Model(engine, loaded, 0);
  }

  /**
   * @internal
   * @param {Engine} engine
   * @param {Loaded} loaded
   * @param {number} member  Which of the engine's networks it is.
   */
  constructor(engine, { metadata, milliseconds, backend, threads }, member) {
    this.#engine = engine;
    this.#member = member;
    /** @type {string} */
    this.id = metadata.id;
    /** @type {string} The Essentia algorithm of its family, such as TensorflowPredictMusiCNN. */
    this.algorithm = metadata.algorithm;
    const { classes } = metadata;
    /** @type {string[]} What each activation means. */
    this.classes = classes.length ? classes : impliedClasses(this.algorithm);
    /** @type {string} */
    this.license = metadata.license;
    /** @type {Metadata["record"]} The whole metadata of the model. */
    this.record = metadata.record;
    /** @type {Record<string, string>} Its layers, each with its purpose. */
    this.outputs = metadata.outputs;
    /** @type {boolean} Whether it is meant for clips that are normalised as a whole. */
    this.normalize = metadata.normalize;
    /** @type {number} The sample rate of its input, in hertz; anything else is resampled. */
    this.sampleRate = metadata.sample_rate;
    /** @type {{frames: number, hop: number}} What it looks at at once, in frames. */
    this.patch = metadata.patch;
    /** @type {number} Frames per second. */
    this.frameRate = metadata.sample_rate / metadata.frontend.hop;
    /** @internal  What it reads, in words: models of which they are the same can share it. */
    this.reads = JSON.stringify([this.sampleRate, this.normalize, this.patch, metadata.frontend]);
    const { frame, hop } = metadata.frontend;
    /** @type {number} The length of a patch, in seconds. */
    this.span = Math.max(frame, metadata.patch.frames * hop) / metadata.sample_rate;
    this.#backend = backend;
    /** @type {Promise<void>} Settles when the graphics card is lost, and WebAssembly goes on. */
    this.lost = engine.lost;
    /** @type {number} How long the network took for a patch when it was loaded. */
    this.milliseconds = milliseconds;
    /** @type {number} How many threads it was loaded with; more than 1 are WebAssembly's. */
    this.threads = threads;
  }

  /**
   * What runs it: WebGL where WebAssembly is forbidden.
   * @returns {Backend}
   */
  get backend() {
    return this.#engine.isLost ? "wasm" : this.#backend;
  }

  /**
   * Predict for a piece of audio.
   *
   * @param {Audio} audio
   * @param {number} [sampleRate]  In hertz; an AudioBuffer knows its own.
   * @param {object} [options]
   * @param {number} [options.hop]  From patch to patch, in frames; the model's own if not given.
   * @param {string} [options.layer]  predictions, logits, embeddings, or a layer's name.
   * @param {(result: DecodedResult) => void} [options.onresult]  Called for each patch as it is
   *   done.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<Prediction>}
   * @throws {RangeError}  The audio is shorter than a patch, or an option is out of range.
   * @throws {DOMException}  AbortError.
   */
  async predict(audio, sampleRate, options = {}) {
    const { hop = this.patch.hop, layer = "predictions", onresult, signal } = options;
    signal?.throwIfAborted();
    const heard = await mono(audio, sampleRate);
    /** @type {Result[]} */
    const results = [];
    const order = { sampleRate: heard.sampleRate, hop, layer, live: false, whole: true };
    const stream = this.#open(order, (result) => {
      results.push(result);
      onresult?.(result);
    });
    await feed(stream, heard.samples, signal);
    if (!results.length) throw this.tooShort();
    return this.prediction(results);
  }

  /**
   * What the results of all patches mean together.
   * @internal
   * @param {Result[]} results
   */
  prediction(results) {
    return new Prediction(results, this.#names(results[0]), decode(this.algorithm, results));
  }

  /**
   * How many patches there are in a piece of audio, at the model's own hop; at least one.
   * @internal
   * @param {number} duration  In seconds.
   */
  patchesIn(duration) {
    const frames = (duration - this.span) * this.frameRate;
    return Math.max(1, Math.floor(frames / this.patch.hop) + 1);
  }

  /** @internal */
  tooShort() {
    return new RangeError(`${this.id} needs at least ${this.span.toFixed(1)} s of audio.`);
  }

  /**
   * Predict for audio that comes in blocks.
   *
   * The results do not depend on how the audio is divided into blocks. A model that is meant
   * for normalised clips gets the audio as it is.
   *
   * @param {number} sampleRate  In hertz.
   * @param {object} options
   * @param {(result: DecodedResult) => void} options.onresult  Called for each patch.
   * @param {number} [options.hop]  In frames; a third of a patch if not given, or the model's own
   *   where a patch is one frame.
   * @param {string} [options.layer]
   * @param {boolean} [options.live]  Whether a patch is left out when the next one is there
   *   already, so as not to fall behind.
   * @returns {Stream}
   */
  stream(sampleRate, { onresult, hop, layer = "predictions", live = false }) {
    hop ??= Math.floor(this.patch.frames / 3) || this.patch.hop;
    return this.#open({ sampleRate, hop, layer, live, whole: false }, onresult);
  }

  /** End the Worker; predictions under way, and all that are asked for, fail with AbortError. */
  close() {
    this.#engine.close();
  }

  /**
   * @param {ListeningOptions} options
   * @param {(result: DecodedResult) => void} onresult
   */
  #open(options, onresult) {
    return this.#engine.open({ ...options, members: [this.#member] }, (result) => {
      onresult({ ...result, decoded: decode(this.algorithm, [result]) });
    });
  }

  /**
   * The classes, or numbers where the layer has others.
   * @param {Result} result
   */
  #names({ activations }) {
    if (activations.length === this.classes.length) return this.classes;
    return Array.from(activations.keys(), String);
  }
}

/**
 * Feed a whole piece of audio, and wait for the results.
 * @param {Stream} stream
 * @param {Float32Array} samples
 * @param {AbortSignal} [signal]
 */
export async function feed(stream, samples, signal) {
  const abort = () => stream.close(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  try {
    for (let start = 0; start < samples.length && !signal?.aborted; start += BLOCK) {
      stream.feed(samples.subarray(start, start + BLOCK));
      await yieldToEventLoop();
    }
    await stream.finish();
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * An address as a Worker understands it, which lies elsewhere than the page.
 * @param {Source} source
 */
export function located(source) {
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  const address = new URL(source, parts.base);
  if (!address.pathname.endsWith(".json"))
    address.pathname = `${address.pathname.replace(/\/$/, "")}/model.json`;
  return address.href;
}
