/**
 * Pictures of what a model says over time.
 *
 * Each is made from a hearing: `{times, activations, classes, span, decoded, start, end}`, and has
 * `marks` beside it (`{text, at}`, 0 the top, 1 the bottom), a `range` of values, what `describes`
 * it in words, and `draw(context, width, height)` and `tip(time, at)`.
 *
 * @typedef {object} Hearing
 * @property {number[]} times  Starts of the patches, in seconds.
 * @property {Float32Array[]} activations  A row a patch.
 * @property {string[]} classes
 * @property {number} span  Length of a patch, in seconds.
 * @property {object} [decoded]  `{tempo}` or `{pitch}`.
 * @property {number} start  What the picture shows, in seconds.
 * @property {number} end
 */

import { clock, pageColor } from "./canvas.js";
import { CURVES, color } from "./colors.js";
import { note } from "../pitch.js";

const ROWS = 10; // classes in a taggram
const MOMENTS = 160; // that are compared with each other
export const VOICED = 0.5; // confidence from which a frame counts as pitched

/** The picture that suits a hearing. */
export function chart(hearing) {
  if (hearing.decoded?.tempo) return tempo(hearing);
  if (hearing.decoded?.pitch) return pitch(hearing);
  if (!hearing.classes.length) return similarity(hearing);
  return isScale(hearing) ? curves(hearing) : taggram(hearing);
}

/** A class as people read it: of Genre---Style the genre, then the style. */
export const spoken = (name) => name.replace("---", ": ");

/** The mean of each class over all patches. */
export function mean({ activations, classes }) {
  const sums = new Float64Array(classes.length);
  for (const row of activations) row.forEach((value, i) => (sums[i] += value));
  return sums.map((sum) => sum / activations.length);
}

/** The places of the highest values, the highest first. */
export function order(values, count) {
  return [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, count);
}

/** Whether the values are on a few scales of their own, not shares of certainty. */
export function isScale({ activations, classes }) {
  const inside = activations.every((row) => row.every((value) => value >= 0 && value <= 1));
  return classes.length === 1 || (classes.length <= CURVES.length && !inside);
}

/** Which patch is nearest to a moment, by its middle. */
export function patchAt({ times, span }, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((times[half] + times[half + 1] + span) / 2 < time) low = half + 1;
    else high = half;
  }
  return low;
}

/** From where to where each patch is drawn: halfway to its neighbours. */
function cells({ times, span, start, end }, width) {
  const x = (time) => ((time - start) / (end - start)) * width;
  const borders = times.slice(1).map((time, i) => x((time + times[i] + span) / 2));
  const last = Math.min(width, x(times.at(-1) + span));
  return times.map((time, i) => [borders[i - 1] ?? x(time), borders[i] ?? last]);
}

function middles({ times, span, start, end }, width) {
  return times.map((time) => ((time + span / 2 - start) / (end - start)) * width);
}

function extent(rows) {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows)
    for (const value of row) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return [low, high];
}

function taggram(hearing) {
  const { activations, classes } = hearing;
  const shown = order(mean(hearing), ROWS);
  const [low, high] = extent(activations.map((row) => shown.map((i) => row[i])));
  const floor = Math.min(0, low);
  const rowAt = (at) => shown[Math.max(0, Math.min(shown.length - 1, Math.floor(at * shown.length)))];
  return {
    marks: shown.map((i, row) => ({ text: spoken(classes[i]), at: (row + 0.5) / shown.length })),
    range: [floor, high],
    describes: `Taggram: how strongly each class is heard over time. Strongest: ${shown
      .slice(0, 3)
      .map((i) => spoken(classes[i]))
      .join(", ")}.`,
    draw(context, width, height) {
      const tall = height / shown.length;
      cells(hearing, width).forEach(([left, right], patch) => {
        shown.forEach((i, row) => {
          context.fillStyle = color((activations[patch][i] - floor) / (high - floor));
          context.fillRect(left, row * tall, right - left + 0.5, tall - 1);
        });
      });
    },
    tip(time, at) {
      const i = rowAt(at);
      return `${spoken(classes[i])} ${said(activations[patchAt(hearing, time)][i])} at ${clock(time)}`;
    },
  };
}

function curves(hearing) {
  const { activations, classes } = hearing;
  let [low, high] = extent(activations);
  const room = (high - low || 1) * 0.15;
  [low, high] = [low - room, high + room];
  const y = (value) => 1 - (value - low) / (high - low);
  const means = mean(hearing);
  return {
    marks: apart(classes.map((name, i) => ({ text: spoken(name), at: y(means[i]), color: CURVES[i] }))),
    range: null,
    describes: `Values over time: ${classes.map((name, i) => `${spoken(name)} ${said(means[i])}`).join(", ")} in the mean.`,
    draw(context, width, height) {
      grid(context, width, height);
      const x = middles(hearing, width);
      classes.forEach((_, i) => line(context, x, activations.map((row) => y(row[i]) * height), CURVES[i]));
    },
    tip(time) {
      const row = activations[patchAt(hearing, time)];
      return classes.map((name, i) => `${spoken(name)} ${said(row[i])}`).join(" · ");
    },
  };
}

function tempo(hearing) {
  const { local, probabilities, bpm } = hearing.decoded.tempo;
  const heard = local.filter((value) => value > 0);
  const low = Math.min(...heard, bpm ?? 120) - 20;
  const high = Math.max(...heard, bpm ?? 120) + 20;
  const y = (value) => 1 - (value - low) / (high - low);
  return {
    marks: bpm ? [{ text: `${Math.round(bpm)} BPM`, at: y(bpm) }] : [],
    range: null,
    describes: bpm ? `Tempo over time: ${Math.round(bpm)} beats per minute.` : "No tempo was heard.",
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

function pitch(hearing) {
  const { frequencies, confidences } = hearing.decoded.pitch;
  const voiced = frequencies.map((_, i) => confidences[i] >= VOICED);
  let low = Infinity;
  let high = 0;
  frequencies.forEach((frequency, i) => {
    if (!voiced[i]) return;
    low = Math.min(low, frequency);
    high = Math.max(high, frequency);
  });
  if (!high) [low, high] = [110, 440];
  [low, high] = [low / 1.12, high * 1.12];
  const y = (frequency) => 1 - Math.log(frequency / low) / Math.log(high / low);
  const sparse = high / low > 4 ? 12 : 3; // half tones from mark to mark
  const marks = Array.from({ length: 96 / sparse }, (_, i) => 440 * 2 ** ((i * sparse - 48) / 12))
    .filter((frequency) => frequency > low && frequency < high)
    .map((frequency) => ({ text: `${note(frequency)} ${Math.round(frequency)} Hz`, at: y(frequency) }));
  return {
    marks,
    range: null,
    describes: "Pitch over time.",
    draw(context, width, height) {
      context.fillStyle = pageColor("--line");
      for (const { at } of marks) context.fillRect(0, at * height, width, 1);
      context.fillStyle = pageColor("--accent");
      middles(hearing, width).forEach((x, i) => {
        if (!voiced[i]) return;
        context.globalAlpha = opacity(confidences[i]);
        context.fillRect(x - 1, y(frequencies[i]) * height - 1.5, 2.5, 3);
      });
    },
    tip(time) {
      const i = patchAt(hearing, time);
      if (!voiced[i]) return "no pitch";
      return `${note(frequencies[i])}, ${frequencies[i].toFixed(1)} Hz, confidence ${said(confidences[i])}`;
    },
  };
}

/** The cosine of the embeddings at any two moments. */
function similarity(whole) {
  const hearing = thinned(whole);
  const unit = hearing.activations.map((row) => {
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  });
  const cosine = (a, b) => unit[a].reduce((sum, value, i) => sum + value * unit[b][i], 0);
  const values = unit.map((_, a) => unit.map((_, b) => (b < a ? 0 : cosine(a, b))));
  values.forEach((row, a) => row.forEach((_, b) => b < a && (row[b] = values[b][a])));
  const [low] = extent(values);
  const timeAt = (at) => hearing.start + at * (hearing.end - hearing.start);
  return {
    marks: [0, 0.25, 0.5, 0.75].map((at) => ({ text: clock(timeAt(at)), at: Math.max(at, 0.03) })),
    range: [low, 1],
    describes: "How alike the embeddings of any two moments are.",
    draw(context, width, height) {
      const columns = cells(hearing, width);
      const rows = cells(hearing, height);
      columns.forEach(([left, right], a) =>
        rows.forEach(([top, bottom], b) => {
          context.fillStyle = color((values[a][b] - low) / (1 - low || 1));
          context.fillRect(left, top, right - left + 0.5, bottom - top + 0.5);
        }),
      );
    },
    tip(time, at) {
      const other = timeAt(at);
      const alike = values[patchAt(hearing, time)][patchAt(hearing, other)];
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

/** What is less sure is paler. */
const opacity = (confidence) => 0.25 + 0.75 * confidence;

function grid(context, width, height) {
  context.fillStyle = pageColor("--line");
  for (const at of [0, 0.25, 0.5, 0.75, 1]) context.fillRect(0, at * (height - 1), width, 1);
}

function line(context, x, y, stroke) {
  context.strokeStyle = context.fillStyle = stroke;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  x.forEach((place, i) => context.lineTo(place, y[i]));
  context.stroke();
  if (x.length > 80) return;
  x.forEach((place, i) => {
    context.beginPath();
    context.arc(place, y[i], 3, 0, 7);
    context.fill();
  });
}

/** Marks that do not cover each other. */
function apart(marks) {
  const sorted = marks.sort((a, b) => a.at - b.at);
  sorted.forEach((mark, i) => {
    if (i) mark.at = Math.max(mark.at, sorted[i - 1].at + 0.08);
  });
  return sorted;
}

/** A value as people read it. */
export const said = (value) => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1));
