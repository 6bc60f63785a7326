/**
 * What a model predicts for some audio.
 *
 * @import { Decoded } from "../decoders.js"
 *
 * @typedef {object} Results
 * @property {number[]} times  Starts of the patches, in seconds.
 * @property {Float32Array[]} activations  A row a patch.
 * @property {string[]} classes  As people read them; none of embeddings.
 * @property {number} span  Length of a patch, in seconds.
 * @property {Decoded} [decoded]
 * @property {[number, number]} [scale]  From where to where the values go, where the record says so.
 * @property {number} start  What a picture shows, in seconds.
 * @property {number} end
 */

const SCALES = 4; // in one model, at most

/**
 * A class as people read it: by its words, or of Genre---Style the genre, then the style.
 * @param {string} name
 * @param {Record<string, string>} [words]  For names that are none.
 */
export const spoken = (name, words) => words?.[name] ?? name.replace("---", ": ");

/**
 * A value as people read it.
 * @param {number} value
 */
export const said = (value) => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1));

/**
 * The lowest and the highest of some rows of values.
 * @param {Iterable<number>[]} rows
 * @returns {[number, number]}
 */
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

/**
 * Whether the values are probabilities: their pictures then all reach from 0 to 1.
 * @param {Pick<Results, "activations">} results
 */
export const areProbabilities = ({ activations }) =>
  activations.every((row) => row.every((value) => value >= 0 && value <= 1));

/**
 * Whether the values are on a few scales of their own, not probabilities.
 * @param {Pick<Results, "activations" | "classes" | "scale">} results
 */
export function isScale(results) {
  const { length } = results.classes;
  return length <= SCALES && (length === 1 || !!results.scale || !areProbabilities(results));
}

/**
 * From where to where bars and colours go: over the scale of the record, from 0 to 1, or from 0 to
 * what is furthest from it.
 * @param {Pick<Results, "activations" | "scale">} results
 * @param {number[]} shown  The places of the classes that are shown.
 * @returns {[number, number]}
 */
export function range(results, shown) {
  if (results.scale) return results.scale;
  if (areProbabilities(results)) return [0, 1];
  return extent([[0], ...results.activations.map((row) => shown.map((i) => row[i]))]);
}

/**
 * Which patch is nearest to a moment, by its middle.
 * @param {Pick<Results, "times" | "span">} results
 * @param {number} time  In seconds.
 */
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

/**
 * From where to where each patch is drawn: halfway to its neighbours.
 * @param {Results} results
 * @param {number} width
 */
export function cells({ times, span, start, end }, width) {
  const x = (/** @type {number} */ time) => ((time - start) / (end - start)) * width;
  const borders = times.slice(1).map((time, i) => x((time + times[i] + span) / 2));
  const last = Math.min(width, x((times.at(-1) ?? 0) + span));
  return times.map((time, i) => [borders[i - 1] ?? x(time), borders[i] ?? last]);
}

/**
 * Where the middle of each patch is drawn.
 * @param {Results} results
 * @param {number} width
 */
export function middles({ times, span, start, end }, width) {
  return times.map((time) => ((time + span / 2 - start) / (end - start)) * width);
}
