/** How alike the embeddings of any two moments are. */

import { clock } from "../canvas.js";
import { ALIKE, color } from "../colors.js";
import { cells, patchAt, said } from "../results.js";

const MOMENTS = 160; // that are compared with each other

export function similarity(whole) {
  const results = thinned(whole);
  const unit = results.activations.map((row) => {
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  });
  const cosine = (a, b) => unit[a].reduce((sum, value, i) => sum + value * unit[b][i], 0);
  const values = unit.map((_, a) => unit.map((_, b) => (b < a ? 0 : cosine(a, b))));
  values.forEach((row, a) => row.forEach((_, b) => b < a && (row[b] = values[b][a])));
  const timeAt = (at) => results.start + at * (results.end - results.start);
  return {
    marks: [0, 0.25, 0.5, 0.75].map((at) => ({ text: clock(timeAt(at)), at: Math.max(at, 0.03) })),
    range: [-1, 1],
    map: ALIKE,
    describes: "How alike the embeddings of any two moments are.",
    draw(context, width, height) {
      const columns = cells(results, width);
      const rows = cells(results, height);
      columns.forEach(([left, right], a) =>
        rows.forEach(([top, bottom], b) => {
          context.fillStyle = color((values[a][b] + 1) / 2, ALIKE);
          context.fillRect(left, top, right - left + 0.5, bottom - top + 0.5);
        }),
      );
    },
    tip(time, at) {
      const other = timeAt(at);
      const alike = values[patchAt(results, time)][patchAt(results, other)];
      return `${clock(time)} and ${clock(other)}: ${said(alike)}`;
    },
  };
}

/** Few enough patches for each to be compared with each. */
function thinned({ times, activations, ...rest }) {
  const step = Math.ceil(times.length / MOMENTS);
  const some = (list) => list.filter((_, i) => i % step === 0);
  return { ...rest, times: some(times), activations: some(activations) };
}
