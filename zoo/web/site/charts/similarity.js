/**
 * How similar the embeddings of any two moments are.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 */

import { clock } from "../canvas.js";
import { ALIKE, color } from "../colors.js";
import { cells, patchAt, said } from "../results.js";

const MOMENTS = 160; // that are compared with each other

/**
 * @param {Results} results
 * @returns {Chart}
 */
export function similarity(results) {
  const some = thinned(results);
  const unit = some.activations.map((row) => {
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  });
  const cosine = (/** @type {number} */ a, /** @type {number} */ b) =>
    unit[a].reduce((sum, value, i) => sum + value * unit[b][i], 0);
  const values = unit.map((_, a) => unit.map((_, b) => (b < a ? 0 : cosine(a, b))));
  values.forEach((row, a) => row.forEach((_, b) => b < a && (row[b] = values[b][a])));
  const timeAt = (/** @type {number} */ at) => some.start + at * (some.end - some.start);
  return {
    marks: [0, 0.25, 0.5, 0.75].map((at) => ({ text: clock(timeAt(at)), at: Math.max(at, 0.03) })),
    range: [-1, 1],
    map: ALIKE,
    describes: "Similarity of the embeddings of any two moments.",
    draw(context, width, height) {
      const columns = cells(some, width);
      const rows = cells(some, height);
      columns.forEach(([left, right], a) =>
        rows.forEach(([top, bottom], b) => {
          context.fillStyle = color((values[a][b] + 1) / 2, ALIKE);
          context.fillRect(left, top, right - left + 0.5, bottom - top + 0.5);
        }),
      );
    },
    tip(time, at) {
      const other = timeAt(at);
      const alike = values[patchAt(some, time)][patchAt(some, other)];
      return `${clock(time)} and ${clock(other)}: ${said(alike)}`;
    },
  };
}

/**
 * Few enough patches for each to be compared with each.
 * @param {Results} results
 * @returns {Results}
 */
function thinned({ times, activations, ...rest }) {
  const step = Math.ceil(times.length / MOMENTS);
  const kept = (/** @type {unknown} */ _, /** @type {number} */ i) => i % step === 0;
  return { ...rest, times: times.filter(kept), activations: activations.filter(kept) };
}
