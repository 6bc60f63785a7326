/**
 * How similar the embeddings of any two moments are.
 *
 * @import { Chart } from "../charts.js"
 * @import { Results } from "../results.js"
 */

import { clock, moments } from "../canvas.js";
import { ALIKE, color } from "../colors.js";
import { cells, patchAt, said } from "../results.js";

const MOMENTS = 160; // that are compared with each other
const MARKS = 6; // beside the picture
const EDGE = 0.03; // of the height, which half a mark takes

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
  const length = some.end - some.start;
  const timeAt = (/** @type {number} */ at) => some.start + at * length;
  return {
    marks: moments(some.start, some.end, MARKS).map((time) => ({
      text: clock(time),
      at: Math.max(EDGE, Math.min(1 - EDGE, (time - some.start) / length)),
    })),
    range: [-1, 1],
    map: ALIKE,
    unit: "how alike",
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
