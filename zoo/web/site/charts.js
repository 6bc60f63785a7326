/**
 * Pictures of what a model says over time.
 *
 * @typedef {object} Chart
 * @property {{text: string, at: number, color?: string}[]} marks  What stands beside it: 0 the top,
 *   1 the bottom.
 * @property {[number, number] | null} range  The values of the darkest and the lightest colour.
 * @property {string} describes  The picture in words.
 * @property {(context: CanvasRenderingContext2D, width: number, height: number) => void} draw
 * @property {(time: number, at: number) => string} tip  What is told of a place in it.
 */

import { curves } from "./charts/curves.js";
import { pitch } from "./charts/pitch.js";
import { similarity } from "./charts/similarity.js";
import { taggram } from "./charts/taggram.js";
import { tempo } from "./charts/tempo.js";
import { isScale } from "./hearing.js";

/**
 * The picture that suits a hearing.
 * @param {Hearing} hearing
 * @returns {Chart}
 */
export function chart(hearing) {
  if (hearing.decoded?.tempo) return tempo(hearing);
  if (hearing.decoded?.pitch) return pitch(hearing);
  if (!hearing.classes.length) return similarity(hearing);
  return isScale(hearing) ? curves(hearing) : taggram(hearing);
}
