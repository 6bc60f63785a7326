/**
 * Local tempi over time, and the global one.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 * @import { Tempo } from "../../tempo.js"
 */

import { pageColor } from "../canvas.js";
import { opacity } from "../colors.js";
import { cells, patchAt, said } from "../results.js";

/**
 * @param {Results} results
 * @param {Tempo} decoded
 * @returns {Chart}
 */
export function tempo(results, { local, probabilities, bpm }) {
  const found = local.filter((value) => value > 0);
  const low = Math.min(...found, bpm ?? 120) - 20;
  const high = Math.max(...found, bpm ?? 120) + 20;
  const y = (/** @type {number} */ value) => 1 - (value - low) / (high - low);
  return {
    marks: bpm ? [{ text: `${Math.round(bpm)} BPM`, at: y(bpm) }] : [],
    range: null,
    describes: bpm ? `Tempo over time: ${Math.round(bpm)} beats per minute.` : "No tempo found.",
    draw(context, width, height) {
      if (bpm) {
        context.fillStyle = pageColor("--line");
        context.fillRect(0, y(bpm) * height - 1, width, 2);
      }
      context.fillStyle = pageColor("--accent");
      cells(results, width).forEach(([left, right], i) => {
        if (!local[i]) return;
        context.globalAlpha = opacity(probabilities[i]);
        context.beginPath();
        context.roundRect(left + 1, y(local[i]) * height - 6, Math.max(2, right - left - 2), 12, 6);
        context.fill();
      });
    },
    tip(time) {
      const i = patchAt(results, time);
      return local[i] ? `${local[i]} BPM, probability ${said(probabilities[i])}` : "silence";
    },
  };
}
