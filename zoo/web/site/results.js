/**
 * What a model said about some audio.
 *
 * @typedef {object} Results
 * @property {number[]} times  Starts of the patches, in seconds.
 * @property {Float32Array[]} activations  A row a patch.
 * @property {string[]} classes  None of embeddings.
 * @property {number} span  Length of a patch, in seconds.
 * @property {object} [decoded]  `{tempo}` or `{pitch}`.
 * @property {number} start  What a picture shows, in seconds.
 * @property {number} end
 */

const SCALES = 4; // in one model, at most

/** A class as people read it: of Genre---Style the genre, then the style. */
export const spoken = (name) => name.replace("---", ": ");

/** A value as people read it. */
export const said = (value) => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1));

/** The mean of each class over all patches. */
export function mean({ activations, classes }) {
  const sums = new Float64Array(classes.length);
  for (const row of activations) row.forEach((value, i) => (sums[i] += value));
  return sums.map((sum) => sum / activations.length);
}

/** The places of the highest values, the highest first. */
export function order(values, count) {
  return [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, count);
}

/** The lowest and the highest of some rows of values. */
export function extent(rows) {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows)
    for (const value of row) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return [low, high];
}

/** Whether the values are shares of certainty: their pictures then all reach from 0 to 1. */
export const areProbabilities = ({ activations }) =>
  activations.every((row) => row.every((value) => value >= 0 && value <= 1));

/** Whether the values are on a few scales of their own, not shares of certainty. */
export function isScale(results) {
  const { length } = results.classes;
  return length === 1 || (length <= SCALES && !areProbabilities(results));
}

/** Which patch is nearest to a moment, by its middle. */
export function patchAt({ times, span }, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((times[half] + times[half + 1] + span) / 2 < time) low = half + 1;
    else high = half;
  }
  return low;
}

/** From where to where each patch is drawn: halfway to its neighbours. */
export function cells({ times, span, start, end }, width) {
  const x = (time) => ((time - start) / (end - start)) * width;
  const borders = times.slice(1).map((time, i) => x((time + times[i] + span) / 2));
  const last = Math.min(width, x(times.at(-1) + span));
  return times.map((time, i) => [borders[i - 1] ?? x(time), borders[i] ?? last]);
}

/** Where the middle of each patch is drawn. */
export function middles({ times, span, start, end }, width) {
  return times.map((time) => ((time + span / 2 - start) / (end - start)) * width);
}
