/**
 * The time below a picture.
 *
 * @import { Results } from "./results.js"
 */

import { clock, moments } from "./canvas.js";

const MARK_WIDTH = 56; // pixels

/**
 * @param {HTMLElement} axis  As wide as the picture.
 * @param {Pick<Results, "start" | "end">} shown
 */
export function drawAxis(axis, { start, end }) {
  const marks = moments(start, end, axis.clientWidth / MARK_WIDTH).map((time) => {
    const span = document.createElement("span");
    span.textContent = clock(time);
    span.style.left = `${((time - start) / (end - start)) * 100}%`;
    return span;
  });
  axis.replaceChildren(...marks);
}
