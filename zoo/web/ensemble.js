/**
 * Several models about one piece of audio.
 *
 * @import { Progress } from "./download.js"
 * @import { Backend } from "./engine.js"
 * @import { Source } from "./network.js"
 * @import { Prediction, Result } from "./prediction.js"
 * @import { Audio } from "./samples.js"
 */

import { Engine } from "./engine.js";
import { Model, feed, located } from "./model.js";
import { mono } from "./samples.js";

/**
 * Models that share what they have in common: of those with the same front-end it runs once, and
 * of heads with the same extractor that runs once.
 */
export class Ensemble {
  #engine;

  /**
   * Load some models.
   *
   * @param {Source[]} sources
   * @param {object} [options]
   * @param {Backend} [options.backend]  If not given, WebGPU where it agrees with WebAssembly and is
   *   faster, which is measured once and remembered; else WebAssembly.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @param {(progress: Progress) => void} [options.onprogress]  Called while the models are fetched.
   * @returns {Promise<Ensemble>}
   * @throws {Error}  One cannot be fetched, or is no such model.
   */
  static async load(sources, { backend, signal, onprogress } = {}) {
    const engine = new Engine();
    const order = { sources: sources.map(located), backend };
    const loaded = await engine.load(order, { signal, onprogress });
    return new Ensemble(
      engine,
      loaded.map((each, member) => new Model(engine, each, member)),
    );
  }

  /**
   * @private
   * @param {Engine} engine
   * @param {Model[]} models
   */
  constructor(engine, models) {
    this.#engine = engine;
    /** In the order of their sources. */
    this.models = models;
    /** @type {Promise<void>} Settles when the graphics card is lost, and WebAssembly goes on. */
    this.lost = engine.lost;
  }

  /**
   * Predict for a piece of audio.
   *
   * @param {Audio} audio
   * @param {number} [sampleRate]  In hertz; an AudioBuffer knows its own.
   * @param {object} [options]
   * @param {(model: Model) => string} [options.layer]  Of each model, as of `Model.predict`.
   * @param {(model: Model, result: Result) => void} [options.onresult]  Called for each patch.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<(Prediction | RangeError)[]>}  Of each model; an error where the audio is
   *   shorter than its patch.
   * @throws {DOMException}  AbortError.
   */
  async predict(audio, sampleRate, options = {}) {
    const { layer = () => "predictions", onresult, signal } = options;
    const heard = await mono(audio, sampleRate);
    const results = this.models.map(() => /** @type {Result[]} */ ([]));
    for (const members of grouped(this.models)) {
      const models = members.map((member) => this.models[member]);
      const told = {
        sampleRate: heard.sampleRate,
        hop: models[0].patch.hop,
        live: false,
        whole: true,
      };
      const order = { ...told, layer: "", members, layers: models.map(layer) };
      const stream = this.#engine.open(order, ({ activations, ...rest }) =>
        members.forEach((member, i) => {
          const values = /** @type {Float32Array[]} */ (/** @type {unknown} */ (activations));
          const result = { ...rest, activations: values[i] };
          results[member].push(result);
          onresult?.(models[i], result);
        }),
      );
      await feed(stream, heard.samples, signal);
    }
    return results.map((found, i) =>
      found.length ? this.models[i].prediction(found) : this.models[i].tooShort(),
    );
  }

  /** End the Worker. */
  close() {
    this.#engine.close();
  }
}

/**
 * The places of models that read the same patches, together.
 * @param {Model[]} models
 */
function grouped(models) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  models.forEach(({ reads }, place) => groups.set(reads, [...(groups.get(reads) ?? []), place]));
  return groups.values();
}
