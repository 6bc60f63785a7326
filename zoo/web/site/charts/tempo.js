/** Local tempi over time, and the global one. */

import { pageColor } from "../canvas.js";
import { opacity } from "../colors.js";
import { cells, patchAt, said } from "../hearing.js";

export function tempo(hearing) {
  const { local, probabilities, bpm } = hearing.decoded.tempo;
  const heard = local.filter((value) => value > 0);
  const low = Math.min(...heard, bpm ?? 120) - 20;
  const high = Math.max(...heard, bpm ?? 120) + 20;
  const y = (value) => 1 - (value - low) / (high - low);
  return {
    marks: bpm ? [{ text: `${Math.round(bpm)} BPM`, at: y(bpm) }] : [],
    range: null,
    describes: bpm
      ? `Tempo over time: ${Math.round(bpm)} beats per minute.`
      : "No tempo was heard.",
    draw(context, width, height) {
      if (bpm) {
        context.fillStyle = pageColor("--line");
        context.fillRect(0, y(bpm) * height - 1, width, 2);
      }
      context.fillStyle = pageColor("--accent");
      cells(hearing, width).forEach(([left, right], i) => {
        if (!local[i]) return;
        context.globalAlpha = opacity(probabilities[i]);
        context.beginPath();
        context.roundRect(left + 1, y(local[i]) * height - 6, Math.max(2, right - left - 2), 12, 6);
        context.fill();
      });
    },
    tip(time) {
      const i = patchAt(hearing, time);
      return local[i] ? `${local[i]} BPM, probability ${said(probabilities[i])}` : "silence";
    },
  };
}
