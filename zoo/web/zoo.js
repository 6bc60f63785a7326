/**
 * Models for audio in a page. Nothing leaves it: the network runs in a Worker beside it.
 *
 *     import { Model, decode } from "./zoo.js";
 *
 *     const model = await Model.load("msd-musicnn-1/");
 *     const { samples, sampleRate } = await decode(file); // a File, or its bytes
 *     const prediction = await model.predict(samples, sampleRate);
 *     console.log(prediction.top(5)); // [{name: "rock", score: 0.43}, …]
 */

import { Prediction } from "./prediction.js";

export { decode } from "./decode.js";
export { note } from "./pitch.js";
export { Prediction, highest } from "./prediction.js";
export { resample } from "./resample.js";

/**
 * Where the engine finds its other parts. A page that has them elsewhere, or in itself, says so
 * here before it loads a model.
 */
export const parts = {
  /** Starts a Worker that runs worker.js. */
  worker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  /** The address of the folder of the wasm binaries, or of the binary itself. */
  wasm: new URL("./tfjs/", import.meta.url).href,
  /** The address of recorder-worklet.js. */
  worklet: new URL("./recorder-worklet.js", import.meta.url).href,
};

/** A model that can be asked about audio. */
export class Model {
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
    // A stand-in for the engine: it invents its activations.
    const address = new URL(source.replace(/\/?(model\.json)?$/, "/model.json"), location.href);
    const { userDefinedMetadata } = await (await fetch(address)).json();
    return new Model(userDefinedMetadata.zoo, backend, 0);
  }

  /** @private */
  constructor(meaning, backend, milliseconds) {
    /** @type {string} */
    this.id = meaning.id;
    /** @type {string[]} What each activation means. */
    this.classes = meaning.classes;
    /** @type {string} */
    this.license = meaning.license;
    /** @type {object} The whole metadata of the model. */
    this.record = meaning.record;
    /** @type {string} The Essentia algorithm of its family, such as TensorflowPredictMusiCNN. */
    this.algorithm = meaning.algorithm;
    /** @type {number} What it wants to hear; anything else is resampled. In hertz. */
    this.sampleRate = meaning.sample_rate;
    /** @type {{frames: number, hop: number}} What it looks at at once, in frames. */
    this.patch = meaning.patch;
    /** @type {number} Frames per second. */
    this.frameRate = meaning.sample_rate / meaning.frontend.hop;
    /** @type {number} The shortest audio that it says something about, in seconds. */
    this.span = meaning.patch.frames / this.frameRate;
    /** @type {Object<string, string>} Its layers, each with its purpose. */
    this.outputs = meaning.outputs;
    /** @type {"wasm" | "webgl"} */
    this.backend = backend;
    /** @type {number} How long the network takes for a patch, as measured when it was loaded. */
    this.milliseconds = milliseconds;
  }

  /**
   * Ask about a piece of audio.
   *
   * @param {Float32Array} samples  Mono, within ±1.
   * @param {number} sampleRate  In hertz.
   * @param {object} [options]
   * @param {number} [options.hop]  Distance of the patches, in frames; the model's own if not given.
   * @param {string} [options.layer]  predictions, logits, embeddings, or a layer's name.
   * @param {(result: Result) => void} [options.onresult]  Called for each patch as it is done.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<Prediction>}
   * @throws {RangeError}  The audio is shorter than a patch.
   * @throws {DOMException}  AbortError.
   */
  async predict(samples, sampleRate, { hop = this.patch.hop, onresult, signal } = {}) {
    const results = [];
    const seconds = samples.length / sampleRate;
    for (let i = 0; (i * hop) / this.frameRate + this.span < seconds; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      signal?.throwIfAborted();
      const activations = Float32Array.from(this.classes, (_, k) => ((i + 3 * k) % 17) / 20);
      const result = { time: (i * hop) / this.frameRate, activations, milliseconds: 100 };
      results.push(result);
      onresult?.(result);
    }
    if (!results.length) throw new RangeError(`The audio is shorter than ${this.span} s.`);
    return new Prediction(results, this.classes);
  }

  /**
   * Ask about audio that comes in blocks.
   *
   * What it says does not depend on how the audio is divided into blocks.
   *
   * @param {number} sampleRate  In hertz.
   * @param {object} options
   * @param {(result: Result) => void} options.onresult  Called for each patch.
   * @param {number} [options.hop]  In frames; a third of a patch if not given.
   * @param {string} [options.layer]
   * @returns {Stream}
   */
  stream(sampleRate, { onresult, hop = Math.floor(this.patch.frames / 3), layer = "predictions" }) {
    return new Stream(this, sampleRate, { onresult, hop, layer });
  }

  /** End the Worker. */
  close() {}
}

/** A model that listens. */
export class Stream {
  /** @private */
  constructor(model, sampleRate, { onresult, hop }) {
    let heard = 0;
    let given = 0;
    /** Listen to the next block of mono samples (Float32Array), of any length. */
    this.feed = (samples) => {
      heard += samples.length / sampleRate;
      for (; (given * hop) / model.frameRate + model.span < heard; given++) {
        const activations = Float32Array.from(model.classes, (_, k) => ((given + 3 * k) % 17) / 20);
        onresult({ time: (given * hop) / model.frameRate, activations, milliseconds: 100 });
      }
    };
    /** Say that the audio is over; resolves when all has been said. */
    this.finish = async () => {};
  }
}

/**
 * Listen to the microphone, without the browser's echo cancellation, noise suppression and gain.
 *
 * @param {Model} model
 * @param {object} options  As of `Model.stream`.
 * @param {(level: number) => void} [options.onlevel]  Called about 10 times a second: the peak.
 * @returns {Promise<{sampleRate: number, stop: () => Promise<void>}>}
 * @throws {DOMException}  NotAllowedError, NotFoundError: as of getUserMedia.
 */
export async function microphone(model, { onresult, hop, onlevel }) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true });
  const stream = model.stream(48000, { onresult, hop });
  const timer = setInterval(() => {
    stream.feed(new Float32Array(4800));
    onlevel?.(Math.random());
  }, 100);
  const stop = async () => {
    clearInterval(timer);
    media.getTracks().forEach((track) => track.stop());
  };
  return { sampleRate: 48000, stop };
}
