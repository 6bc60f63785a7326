/** Classes over time, the strongest on top. */

import { clock } from "../canvas.js";
import { color } from "../colors.js";
import {
  areProbabilities,
  cells,
  extent,
  mean,
  order,
  patchAt,
  said,
  spoken,
} from "../results.js";

const ROWS = 10;

export function taggram(results) {
  const { activations, classes } = results;
  const shown = order(mean(results), ROWS);
  const [low, high] = areProbabilities(results)
    ? [0, 1]
    : extent([[0], ...activations.map((row) => shown.map((i) => row[i]))]);
  const rowAt = (at) =>
    shown[Math.max(0, Math.min(shown.length - 1, Math.floor(at * shown.length)))];
  return {
    marks: shown.map((i, row) => ({ text: spoken(classes[i]), at: (row + 0.5) / shown.length })),
    range: [low, high],
    describes: `Taggram: how strongly each class is heard over time. Strongest: ${shown
      .slice(0, 3)
      .map((i) => spoken(classes[i]))
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
      return `${spoken(classes[i])} ${said(value)} at ${clock(time)}`;
    },
  };
}
