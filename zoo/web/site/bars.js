/**
 * The strongest classes as bars that change places smoothly; those of a scale keep theirs.
 *
 * @import { Results } from "./results.js"
 */

import { CURVES } from "./colors.js";
import { highestPlaces } from "../prediction.js";
import { find } from "./elements.js";
import { isScale, range, said } from "./results.js";

const GAP = 8; // pixels below a bar

/** A list of bars. */
export class Bars {
  #list;
  #count;
  #tall = 0; // pixels, so far
  /** @type {Map<string, HTMLLIElement>} */
  #rows = new Map();

  /**
   * @param {HTMLOListElement} list
   * @param {number} count  How many are shown.
   */
  constructor(list, count) {
    this.#list = list;
    this.#count = count;
  }

  /**
   * Show some values.
   * @param {Results} results  What they are part of, for their names and the scale.
   * @param {Float32Array} values  One a class.
   */
  show(results, values) {
    const { classes } = results;
    const scale = isScale(results);
    const shown = scale ? [...classes.keys()] : highestPlaces(values, this.#count);
    const [low, high] = range(results, shown);
    const names = new Set(shown.map((i) => classes[i]));
    for (const [name, row] of this.#rows)
      if (!names.has(name)) {
        row.remove();
        this.#rows.delete(name);
      }
    for (const i of shown) {
      const row = this.#row(classes[i]);
      find(row, ".score", HTMLElement).textContent = said(values[i]);
      const fill = find(row, ".fill", HTMLElement);
      fill.style.background = scale ? CURVES[i] : "";
      const share = (values[i] - low) / (high - low || 1);
      fill.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
      this.#list.append(row); // read aloud in this order
    }
    this.#stack();
  }

  /** Put the bars in place, which may be wider or narrower than before. */
  arrange() {
    this.#tall = 0;
    this.#stack();
  }

  /** Put each bar below the one before it; what follows stays where it is if names get shorter. */
  #stack() {
    let top = 0;
    for (const row of this.#list.querySelectorAll("li")) {
      row.style.transform = `translateY(${top}px)`;
      top += row.offsetHeight + GAP;
    }
    this.#tall = Math.max(this.#tall, top);
    this.#list.style.height = `${this.#tall}px`;
  }

  clear() {
    this.#list.replaceChildren();
    this.#list.style.height = "";
    this.#tall = 0;
    this.#rows.clear();
  }

  /** @param {string} name */
  #row(name) {
    let row = this.#rows.get(name);
    if (!row) {
      row = document.createElement("li");
      row.innerHTML =
        '<div class="words"><span class="name" dir="auto"></span><span class="score"></span></div>' +
        '<div class="track"><div class="fill"></div></div>';
      find(row, ".name", HTMLElement).textContent = name;
      this.#rows.set(name, row);
    }
    return row;
  }
}
