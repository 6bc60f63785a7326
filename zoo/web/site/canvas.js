/** What all pictures share. */

/**
 * Clear a canvas and fit it to the pixels of the screen.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {{context: CanvasRenderingContext2D, width: number, height: number}}  In CSS pixels.
 */
export function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(canvas.width / (width || 1), canvas.height / (height || 1));
  return { context, width, height };
}

/**
 * A colour of the page, such as --text.
 * @param {string} name
 */
export function pageColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]; // seconds

/**
 * Round moments between two.
 * @param {number} start  In seconds.
 * @param {number} end
 * @param {number} most  Of them, but for one more.
 */
export function moments(start, end, most) {
  const step = STEPS.find((seconds) => (end - start) / seconds <= most) ?? STEPS[STEPS.length - 1];
  const first = Math.ceil(start / step);
  const count = Math.floor(end / step) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/**
 * A moment as people read it: 1:05.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
