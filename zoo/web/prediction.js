/**
 * What a network says about a piece of audio.
 *
 * @typedef {object} Result  What it says about one patch.
 * @property {number} time  Start of the patch, in seconds.
 * @property {Float32Array} activations  One value a class.
 * @property {number} milliseconds  How long the network took.
 * @property {object} [decoded]  `{tempo}` or `{pitch}`, where the model's family can tell.
 * @property {number} [latency]  Live: milliseconds from the patch's last sample to this result.
 * @property {number} [skipped]  Live: patches left out so far, because the machine is too slow.
 */

import { median } from "./numbers.js";

/** The results of all patches together. */
export class Prediction {
  /**
   * @param {Result[]} results
   * @param {string[]} classes  What each activation means; numbers where it has no name.
   * @param {object} [decoded]  What the activations mean together: `{tempo}` or `{pitch}`.
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
    const sums = new Float64Array(this.classes.length);
    for (const row of this.activations) row.forEach((value, i) => (sums[i] += value));
    return Float32Array.from(sums, (sum) => sum / this.activations.length);
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
 * The classes with the highest scores, the highest first.
 * @param {Float32Array} scores
 * @param {string[]} classes
 * @param {number} n
 * @returns {{name: string, score: number}[]}
 */
export function highest(scores, classes, n) {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  return order.slice(0, n).map((i) => ({ name: classes[i], score: scores[i] }));
}
