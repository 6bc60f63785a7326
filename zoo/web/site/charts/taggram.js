/**
 * Classes over time, the strongest on top.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 */

import { clock } from "../canvas.js";
import { color } from "../colors.js";
import { highestPlaces, meanActivations } from "../../prediction.js";
import { areProbabilities, cells, patchAt, range, said } from "../results.js";

const ROWS = 10;

/**
 * @param {Results} results
 * @returns {Chart}
 */
export function taggram(results) {
  const { activations, classes } = results;
  const shown = highestPlaces(meanActivations(results), ROWS);
  const [low, high] = range(results, shown);
  const rowAt = (/** @type {number} */ at) =>
    shown[Math.max(0, Math.min(shown.length - 1, Math.floor(at * shown.length)))];
  return {
    marks: shown.map((i, row) => ({ text: classes[i], at: (row + 0.5) / shown.length })),
    range: [low, high],
    unit: areProbabilities(results) ? "how sure the model is" : "",
    describes: `Taggram: the activation of each class over time. Strongest: ${shown
      .slice(0, 3)
      .map((i) => classes[i])
      .join(", ")}.`,
    draw(context, width, height) {
      const tall = height / shown.length;
      cells(results, width).forEach(([left, right], patch) => {
        shown.forEach((i, row) => {
          context.fillStyle = color((activations[patch][i] - low) / (high - low));
          context.fillRect(left, row * tall, right - left + 0.5, tall - 1);
        });
      });
    },
    tip(time, at) {
      const i = rowAt(at);
      const value = activations[patchAt(results, time)][i];
      return `${classes[i]} ${said(value)} at ${clock(time)}`;
    },
  };
}
