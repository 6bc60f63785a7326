/**
 * Pitch over time, on an axis of notes.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 * @import { Pitch } from "../../pitch.js"
 */

import { note } from "../../pitch.js";
import { pageColor } from "../canvas.js";
import { opacity } from "../colors.js";
import { middles, patchAt, said } from "../results.js";

/** Confidence from which a frame counts as pitched. */
export const VOICED = 0.5;

/**
 * @param {Results} results
 * @param {Pitch} decoded
 * @returns {Chart}
 */
export function pitch(results, { frequencies, confidences }) {
  const voiced = frequencies.map((_, i) => confidences[i] >= VOICED);
  let low = Infinity;
  let high = 0;
  frequencies.forEach((frequency, i) => {
    if (!voiced[i]) return;
    low = Math.min(low, frequency);
    high = Math.max(high, frequency);
  });
  const describes = high
    ? `Pitch over time, from ${note(low)} to ${note(high)}.`
    : "No pitch found.";
  if (!high) [low, high] = [110, 440];
  [low, high] = [low / 1.12, high * 1.12];
  const y = (/** @type {number} */ frequency) =>
    1 - Math.log(frequency / low) / Math.log(high / low);
  const sparse = high / low > 4 ? 12 : 3; // half tones from mark to mark
  const marks = Array.from({ length: 96 / sparse }, (_, i) => 440 * 2 ** ((i * sparse - 48) / 12))
    .filter((frequency) => frequency > low && frequency < high)
    .map((frequency) => ({
      text: `${note(frequency)} ${Math.round(frequency)} Hz`,
      at: y(frequency),
    }));
  return {
    marks,
    range: null,
    describes,
    draw(context, width, height) {
      context.fillStyle = pageColor("--line");
      for (const { at } of marks) context.fillRect(0, at * height, width, 1);
      context.fillStyle = pageColor("--accent");
      middles(results, width).forEach((x, i) => {
        if (!voiced[i]) return;
        context.globalAlpha = opacity(confidences[i]);
        context.fillRect(x - 1, y(frequencies[i]) * height - 1.5, 2.5, 3);
      });
    },
    tip(time) {
      const i = patchAt(results, time);
      if (!voiced[i]) return "no pitch";
      const hertz = frequencies[i];
      return `${note(hertz)}, ${hertz.toFixed(1)} Hz, confidence ${said(confidences[i])}`;
    },
  };
}
