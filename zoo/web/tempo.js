/** Tempo from the activations of TempoCNN, decoded as Essentia does. */

import { mean, median, strongest } from "./numbers.js";

/** Beats per minute of the first class; each next one is one faster. */
export const SLOWEST = 30;

/** What each class means. */
export const TEMPI = Array.from({ length: 256 }, (_, i) => `${SLOWEST + i} BPM`);

/**
 * @typedef {object} Tempo  In beats per minute.
 * @property {number | null} bpm  That of most patches; null of silence.
 * @property {number} confidence  The mean probability of the patches that agree with `bpm`.
 * @property {number | null} mean
 * @property {number | null} median
 * @property {number[]} local  Of each patch; 0 where it is silent.
 * @property {number[]} probabilities  Of each patch; 0 where it is silent.
 */

/**
 * Take the most probable tempo of each patch.
 *
 * @param {Float32Array[]} activations
 * @param {boolean[]} nonSilent  Where the audio is not silent.
 * @returns {{tempo: Tempo}}
 */
export function decodeTempo(activations, nonSilent) {
  const local = activations.map((row, i) => (nonSilent[i] ? SLOWEST + strongest(row) : 0));
  const probabilities = activations.map((row, i) => (nonSilent[i] ? row[strongest(row)] : 0));
  const tempi = local.filter((bpm) => bpm > 0);
  const bpm = tempi.length ? mostCommon(tempi) : null;
  const agreeing = probabilities.filter((_, i) => local[i] === bpm);
  const tempo = {
    bpm,
    confidence: agreeing.length ? mean(agreeing) : 0,
    mean: tempi.length ? mean(tempi) : null,
    median: tempi.length ? median(tempi) : null,
    local,
    probabilities,
  };
  return { tempo };
}

/**
 * The most frequent number; of equally frequent ones that which comes first.
 * @param {number[]} numbers
 * @returns {number}
 */
function mostCommon(numbers) {
  const counts = new Map();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}
