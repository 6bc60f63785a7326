/** The values of a few scales over time. */

import { pageColor } from "../canvas.js";
import { CURVES } from "../colors.js";
import { extent, mean, middles, patchAt, said, spoken } from "../hearing.js";

export function curves(hearing) {
  const { activations, classes } = hearing;
  let [low, high] = extent(activations);
  const room = (high - low || 1) * 0.15;
  [low, high] = [low - room, high + room];
  const y = (value) => 1 - (value - low) / (high - low);
  const means = mean(hearing);
  const told = classes.map((name, i) => `${spoken(name)} ${said(means[i])}`);
  return {
    marks: apart(
      classes.map((name, i) => ({ text: spoken(name), at: y(means[i]), color: CURVES[i] })),
    ),
    range: null,
    describes: `Values over time: ${told.join(", ")} in the mean.`,
    draw(context, width, height) {
      grid(context, width, height);
      const x = middles(hearing, width);
      classes.forEach((_, i) => {
        const places = activations.map((row) => y(row[i]) * height);
        line(context, x, places, CURVES[i]);
      });
    },
    tip(time) {
      const row = activations[patchAt(hearing, time)];
      return classes.map((name, i) => `${spoken(name)} ${said(row[i])}`).join(" · ");
    },
  };
}

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
