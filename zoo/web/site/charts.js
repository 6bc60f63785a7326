/** Pictures of what a model predicts over time. */

/**
 * @import { Results } from "./results.js"
 *
 * @typedef {{text: string, at: number, color?: string}} Mark  At 0 is the top, at 1 the bottom.
 *
 * @typedef {object} Chart
 * @property {Mark[]} marks  What stands beside it.
 * @property {[number, number] | null} range  The values of the first and the last colour.
 * @property {string[]} [map]  The colours, if they are not those of activations.
 * @property {string} [unit]  What the values of the colours are.
 * @property {string} describes  The picture in words.
 * @property {(context: CanvasRenderingContext2D, width: number, height: number) => void} draw
 * @property {(time: number, at: number) => string} tip  What is shown of a place in it.
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
  if (results.decoded?.tempo) return tempo(results, results.decoded.tempo);
  if (results.decoded?.pitch) return pitch(results, results.decoded.pitch);
  if (!results.classes.length) return similarity(results);
  return isScale(results) ? curves(results) : taggram(results);
}
