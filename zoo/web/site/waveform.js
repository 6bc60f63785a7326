/** The waveform of a clip, or the levels of the microphone. */

import { pageColor, prepare } from "./canvas.js";

const COLUMNS = 600;
const LOOKS = 400; // samples that are looked at for a column: enough to see where it is loud

/**
 * The peak of each of some equal parts of a clip.
 * @param {Float32Array} samples
 */
export function peaks(samples) {
  return Float32Array.from({ length: COLUMNS }, (_, column) => {
    const start = Math.floor((column * samples.length) / COLUMNS);
    const end = Math.floor(((column + 1) * samples.length) / COLUMNS);
    const step = Math.max(1, Math.floor((end - start) / LOOKS));
    let peak = 0;
    for (let i = start; i < end; i += step) peak = Math.max(peak, Math.abs(samples[i]));
    return peak;
  });
}

/**
 * Draw peaks as bars around the middle.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} levels  From 0 to 1.
 * @param {number} [room]  How many there is room for.
 */
export function drawLevels(canvas, levels, room = levels.length) {
  const { context, width, height } = prepare(canvas);
  const bars = Math.max(1, Math.min(room, Math.floor(width / 4)));
  context.fillStyle = pageColor("--accent");
  context.globalAlpha = 0.75;
  for (let bar = 0; bar < bars; bar++) {
    let level = 0;
    const end = ((bar + 1) * room) / bars;
    for (let i = Math.floor((bar * room) / bars); i < end; i++)
      level = Math.max(level, levels[i] ?? 0);
    const tall = Math.max(2, level * height);
    context.beginPath();
    context.roundRect(
      (bar * width) / bars,
      (height - tall) / 2,
      Math.max(1, width / bars - 1.5),
      tall,
      2,
    );
    context.fill();
  }
}
