/**
 * How probable each tempo is over time, and the global one.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 * @import { Tempo } from "../../tempo.js"
 */

import { SLOWEST } from "../../tempo.js";
import { color } from "../colors.js";
import { cells, patchAt, said } from "../results.js";
import { round } from "./curves.js";

const LIKELY = 0.05; // of the most probable: tempi below are left out at both ends
const ROOM = 10; // beats per minute beyond
const APART = 0.07; // between two marks, of the height

/**
 * @param {Results} results
 * @param {Tempo} decoded
 * @returns {Chart}
 */
export function tempo(results, { bpm, local, probabilities }) {
  const { activations } = results;
  const likely = activations[0].map((_, i) => Math.max(...activations.map((row) => row[i])));
  const most = Math.max(...likely);
  const shown = (/** @type {number} */ value) => value >= LIKELY * most;
  const low = Math.max(0, likely.findIndex(shown) - ROOM);
  const high = Math.min(likely.length, likely.findLastIndex(shown) + 1 + ROOM); // past the fastest
  const y = (/** @type {number} */ value) => (high - (value - SLOWEST) - 0.5) / (high - low);
  const global = bpm ? [{ text: `${Math.round(bpm)} BPM`, at: y(bpm) }] : [];
  const others = round(low + SLOWEST, high - 1 + SLOWEST)
    .map((value) => ({ text: String(value), at: y(value) }))
    .filter(({ at }) => global.every((mark) => Math.abs(mark.at - at) > APART));
  return {
    marks: [...global, ...others],
    range: [0, most],
    unit: "probability",
    describes: bpm
      ? `Probability of each tempo over time: ${Math.round(bpm)} beats per minute.`
      : "Probability of each tempo over time: no tempo found.",
    draw(context, width, height) {
      const tall = height / (high - low);
      cells(results, width).forEach(([left, right], patch) => {
        for (let i = low; i < high; i++) {
          context.fillStyle = color(activations[patch][i] / most);
          context.fillRect(left, (high - 1 - i) * tall, right - left + 0.5, tall + 0.5);
        }
      });
    },
    tip(time, at) {
      const patch = patchAt(results, time);
      const i = Math.max(low, Math.min(high - 1, Math.floor(high - at * (high - low))));
      const here = `${i + SLOWEST} BPM ${said(activations[patch][i])}`;
      return local[patch]
        ? `${here}; most probable ${local[patch]} BPM ${said(probabilities[patch])}`
        : "silence";
    },
  };
}
