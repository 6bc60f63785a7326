/** A model in a page. */

import { yieldToEventLoop } from "./event-loop.js";
import { DECODERS } from "./decoders.js";
import { Engine } from "./engine.js";
import { Prediction } from "./prediction.js";

const BLOCK = 1 << 20; // samples that are handed on between two yields to the event loop

/** A model that can be asked about audio. The network runs in a Worker beside the page. */
export class Model {
  #engine;

  /**
   * Load a model that was exported with its front-end.
   *
   * @param {string | {model: object, weights: ArrayBuffer}} source  The address of the folder
   *   or its model.json; or the content of model.json and the bytes of all its weights.
   * @param {object} [options]
   * @param {"wasm" | "webgl"} [options.backend]
   * @returns {Promise<Model>}
   * @throws {Error}  It cannot be fetched, or is no such model.
   */
  static async load(source, { backend = "wasm" } = {}) {
    const engine = new Engine();
    try {
      const { metadata, milliseconds } = await engine.load(located(source), backend);
      return new Model(engine, metadata, backend, milliseconds);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /** @private */
  constructor(engine, metadata, backend, milliseconds) {
    this.#engine = engine;
    /** @type {string} */
    this.id = metadata.id;
    /** @type {string} The Essentia algorithm of its family, such as TensorflowPredictMusiCNN. */
    this.algorithm = metadata.algorithm;
    const named = metadata.classes.length > 0;
    /** @type {string[]} What each activation means. */
    this.classes = named ? metadata.classes : (DECODERS[this.algorithm]?.classes ?? []);
    /** @type {string} */
    this.license = metadata.license;
    /** @type {object} The whole metadata of the model. */
    this.record = metadata.record;
    /** @type {Object<string, string>} Its layers, each with its purpose. */
    this.outputs = metadata.outputs;
    /** @type {boolean} Whether it is meant for clips that are normalised as a whole. */
    this.normalize = metadata.normalize;
    /** @type {number} What it wants to hear; anything else is resampled. In hertz. */
    this.sampleRate = metadata.sample_rate;
    /** @type {{frames: number, hop: number}} What it looks at at once, in frames. */
    this.patch = metadata.patch;
    /** @type {number} Frames per second. */
    this.frameRate = metadata.sample_rate / metadata.frontend.hop;
    const { frame, hop } = metadata.frontend;
    /** @type {number} The length of a patch, in seconds. */
    this.span = Math.max(frame, metadata.patch.frames * hop) / metadata.sample_rate;
    /** @type {"wasm" | "webgl"} */
    this.backend = backend;
    /** @type {number} How long the network took for a patch when it was loaded. */
    this.milliseconds = milliseconds;
  }

  /**
   * Ask about a piece of audio.
   *
   * @param {Float32Array} samples  Mono, within ±1.
   * @param {number} sampleRate  In hertz.
   * @param {object} [options]
   * @param {number} [options.hop]  From patch to patch, in frames; the model's own if not given.
   * @param {string} [options.layer]  predictions, logits, embeddings, or a layer's name.
   * @param {(result: Result) => void} [options.onresult]  Called for each patch as it is done.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<Prediction>}
   * @throws {RangeError}  The audio is shorter than a patch, or an option is out of range.
   * @throws {DOMException}  AbortError.
   */
  async predict(samples, sampleRate, options = {}) {
    const { hop = this.patch.hop, layer = "predictions", onresult, signal } = options;
    signal?.throwIfAborted();
    const results = [];
    const stream = this.#open({ sampleRate, hop, layer, live: false, whole: true }, (result) => {
      results.push(result);
      onresult?.(result);
    });
    signal?.addEventListener("abort", () => stream.close(signal.reason));
    for (let start = 0; start < samples.length && !signal?.aborted; start += BLOCK) {
      stream.feed(samples.subarray(start, start + BLOCK));
      await yieldToEventLoop();
    }
    await stream.finish();
    if (!results.length)
      throw new RangeError(`${this.id} needs at least ${this.span.toFixed(1)} s of audio.`);
    return new Prediction(results, this.#names(results[0]), this.#decode(results));
  }

  /**
   * Ask about audio that comes in blocks.
   *
   * What it says does not depend on how the audio is divided into blocks. A model that is meant
   * for normalised clips hears them as they are.
   *
   * @param {number} sampleRate  In hertz.
   * @param {object} options
   * @param {(result: Result) => void} options.onresult  Called for each patch.
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

  /** End the Worker; what is being asked fails with AbortError. */
  close() {
    this.#engine.close();
  }

  #open(options, onresult) {
    return this.#engine.open(options, (result) => {
      onresult({ ...result, decoded: this.#decode([result]) });
    });
  }

  /** What the activations of some patches mean together. */
  #decode(results) {
    const decoder = DECODERS[this.algorithm];
    if (decoder?.classes.length !== results[0].activations.length) return undefined;
    const rows = results.map((result) => result.activations);
    return decoder.decode(
      rows,
      results.map((result) => result.nonSilent),
    );
  }

  /** The classes, or numbers where the layer has others. */
  #names({ activations }) {
    if (activations.length === this.classes.length) return this.classes;
    return Array.from(activations.keys(), String);
  }
}

/** An address as a Worker understands it, which lies elsewhere than the page. */
function located(source) {
  if (typeof source !== "string") return source;
  const name = source.endsWith("model.json") ? source : `${source.replace(/\/$/, "")}/model.json`;
  return new URL(name, document.baseURI).href;
}
