/**
 * The strongest classes as bars that change places smoothly.
 *
 * @import { Results } from "./results.js"
 */

import { CURVES } from "./colors.js";
import { highestPlaces } from "../prediction.js";
import { find } from "./elements.js";
import { isScale, said } from "./results.js";

const HEIGHT = 48; // pixels of a bar with its name

/** A list of bars. */
export class Bars {
  #list;
  #count;
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
    const most = Math.max(1, ...shown.map((i) => values[i]));
    const names = new Set(shown.map((i) => classes[i]));
    for (const [name, row] of this.#rows)
      if (!names.has(name)) {
        row.remove();
        this.#rows.delete(name);
      }
    shown.forEach((i, rank) => {
      const row = this.#row(classes[i]);
      row.style.transform = `translateY(${rank * HEIGHT}px)`;
      find(row, ".score", HTMLElement).textContent = said(values[i]);
      const fill = find(row, ".fill", HTMLElement);
      fill.style.background = scale ? CURVES[i] : "";
      fill.style.width = `${(100 * Math.max(0, values[i])) / most}%`;
      this.#list.append(row); // read aloud in this order
    });
    this.#list.style.height = `${shown.length * HEIGHT}px`;
  }

  clear() {
    this.#list.replaceChildren();
    this.#list.style.height = "";
    this.#rows.clear();
  }

  /** @param {string} name */
  #row(name) {
    let row = this.#rows.get(name);
    if (!row) {
      row = document.createElement("li");
      row.innerHTML =
        '<div class="words"><span class="name"></span><span class="score"></span></div>' +
        '<div class="track"><div class="fill"></div></div>';
      find(row, ".name", HTMLElement).textContent = name;
      this.#rows.set(name, row);
    }
    return row;
  }
}
