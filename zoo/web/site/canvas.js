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

/**
 * A moment as people read it: 1:05.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
