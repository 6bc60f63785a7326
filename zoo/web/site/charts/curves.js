/**
 * The values of a few scales over time.
 *
 * @import { Chart, Mark } from "../charts.js"
 * @import { Results } from "../results.js"
 */

import { pageColor } from "../canvas.js";
import { CURVES } from "../colors.js";
import { meanActivations } from "../../prediction.js";
import { areProbabilities, extent, middles, patchAt, said } from "../results.js";

/**
 * @param {Results} results
 * @returns {Chart}
 */
export function curves(results) {
  const { activations, classes } = results;
  const [low, high] = results.scale ?? (areProbabilities(results) ? [0, 1] : roomy(activations));
  const y = (/** @type {number} */ value) => 1 - (value - low) / (high - low);
  const means = meanActivations(results);
  const told = classes.map((name, i) => `${name} ${said(means[i])}`);
  return {
    marks: apart(classes.map((text, i) => ({ text, at: y(means[i]), color: CURVES[i] }))),
    range: null,
    describes: `Values over time, on average: ${told.join(", ")}.`,
    draw(context, width, height) {
      grid(context, width, height, low, high, y);
      const x = middles(results, width);
      classes.forEach((_, i) => {
        const places = activations.map((row) => y(row[i]) * height);
        line(context, x, places, CURVES[i]);
      });
    },
    tip(time) {
      const row = activations[patchAt(results, time)];
      return classes.map((name, i) => `${name} ${said(row[i])}`).join(" · ");
    },
  };
}

/**
 * The values with some room around them.
 * @param {Float32Array[]} activations
 * @returns {[number, number]}
 */
function roomy(activations) {
  const [low, high] = extent(activations);
  const room = (high - low || 1) * 0.15;
  return [low - room, high + room];
}

/**
 * Lines at round values, each with its value at the right end.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => number} y
 */
function grid(context, width, height, low, high, y) {
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "right";
  for (const value of round(low, high)) {
    const top = Math.round(y(value) * height);
    context.fillStyle = pageColor("--line");
    context.fillRect(0, top, width, 1);
    context.fillStyle = pageColor("--muted");
    context.fillText(String(value), width - 2, Math.max(12, top - 4)); // below the topmost line
  }
}

/**
 * Some three to six round values within a range.
 * @param {number} low
 * @param {number} high
 */
export function round(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toFixed(digits)));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} x
 * @param {number[]} y
 * @param {string} stroke
 */
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

/**
 * Marks that do not cover each other.
 * @param {Mark[]} marks
 */
function apart(marks) {
  const sorted = marks.sort((a, b) => a.at - b.at);
  sorted.forEach((mark, i) => {
    if (i) mark.at = Math.max(mark.at, sorted[i - 1].at + 0.08);
  });
  return sorted;
}
