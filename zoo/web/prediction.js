/** What a network predicts for a piece of audio. */

/**
 * @import { Decoded } from "./decoders.js"
 *
 * @typedef {object} Result  What it predicts for one patch.
 * @property {number} time  Start of the patch, in seconds.
 * @property {Float32Array} activations  One value a class.
 * @property {number} milliseconds  How long the network took.
 * @property {boolean} nonSilent  Whether there is sound in the patch.
 * @property {number} [latency]  Live: milliseconds from the patch's last sample to this result.
 * @property {number} [skipped]  Live: patches left out so far, because the machine is too slow.
 */

/** @typedef {Result & {decoded?: Decoded}} DecodedResult  With the tempo or pitch, if there is one. */

import { median } from "./numbers.js";

/** The results of all patches together. */
export class Prediction {
  /**
   * @param {Pick<Result, "activations" | "time" | "milliseconds">[]} results
   * @param {string[]} classes  What each activation means; numbers where it has no name.
   * @param {Decoded} [decoded]  What the activations mean together, where the model's family can
   *   tell.
   */
  constructor(results, classes, decoded) {
    /** @type {Float32Array[]} One array a patch. */
    this.activations = results.map((result) => result.activations);
    /** @type {number[]} Starts of the patches, in seconds. */
    this.times = results.map((result) => result.time);
    /** @type {number} How long the network took for a patch, in the median. */
    this.milliseconds = median(results.map((result) => result.milliseconds));
    this.classes = classes;
    this.decoded = decoded;
  }

  /** The mean over all patches, one value a class. */
  get mean() {
    return meanActivations(this);
  }

  /**
   * The classes with the highest mean, the highest first.
   * @param {number} n
   * @returns {{name: string, score: number}[]}
   */
  top(n = 5) {
    return highest(this.mean, this.classes, n);
  }
}

/**
 * The mean over all patches, one value a class.
 * @param {{activations: Float32Array[], classes: string[]}} results
 */
export function meanActivations({ activations, classes }) {
  const sums = new Float64Array(classes.length);
  for (const row of activations) row.forEach((value, i) => (sums[i] += value));
  return Float32Array.from(sums, (sum) => sum / activations.length);
}

/**
 * The places of the highest scores, the highest first.
 * @param {Float32Array} scores
 * @param {number} n
 */
export function highestPlaces(scores, n) {
  return [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, n);
}

/**
 * The classes with the highest scores, the highest first.
 * @param {Float32Array} scores
 * @param {string[]} classes
 * @param {number} n
 * @returns {{name: string, score: number}[]}
 */
export function highest(scores, classes, n) {
  return highestPlaces(scores, n).map((i) => ({ name: classes[i], score: scores[i] }));
}
