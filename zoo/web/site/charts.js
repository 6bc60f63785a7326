/**
 * Pictures of what a model says over time.
 *
 * @typedef {object} Chart
 * @property {{text: string, at: number, color?: string}[]} marks  What stands beside it: 0 the top,
 *   1 the bottom.
 * @property {[number, number] | null} range  The values of the first and the last colour.
 * @property {string[]} [map]  The colours, if they are not those of activations.
 * @property {string} describes  The picture in words.
 * @property {(context: CanvasRenderingContext2D, width: number, height: number) => void} draw
 * @property {(time: number, at: number) => string} tip  What is told of a place in it.
 */

import { curves } from "./charts/curves.js";
import { pitch } from "./charts/pitch.js";
import { similarity } from "./charts/similarity.js";
import { taggram } from "./charts/taggram.js";
import { tempo } from "./charts/tempo.js";
import { isScale } from "./results.js";

/**
 * The picture that suits some results.
 * @param {Results} results
 * @returns {Chart}
 */
export function chart(results) {
  if (results.decoded?.tempo) return tempo(results);
  if (results.decoded?.pitch) return pitch(results);
  if (!results.classes.length) return similarity(results);
  return isScale(results) ? curves(results) : taggram(results);
}
