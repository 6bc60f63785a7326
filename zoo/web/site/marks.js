/**
 * The names beside a picture.
 *
 * @import { Mark } from "./charts.js"
 */

const LONG = 12; // letters, beyond which a name has two lines
const GENRE = /^(.+?: )(.+)$/; // and its style

/** @param {string} text */
function lined(text) {
  return Object.assign(document.createElement("b"), { textContent: text });
}

/**
 * What stands beside a picture; of a genre and its style, each has a line.
 * @param {Mark} mark
 */
export function label({ text, at, color: ink }) {
  const span = document.createElement("span");
  span.title = text;
  span.dir = "auto";
  span.style.top = `${at * 100}%`;
  const [, genre, style] = text.match(GENRE) ?? [];
  if (style) for (const line of [genre, style]) span.append(lined(line));
  else span.textContent = text;
  span.classList.toggle("long", !style && text.length > LONG);
  if (ink) span.style.borderRight = `3px solid ${ink}`;
  return span;
}
