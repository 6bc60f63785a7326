/**
 * What one model of several says: a picture, and the strongest classes.
 *
 * @import { Results } from "./results.js"
 */

import { drawAxis } from "./axis.js";
import { Bars } from "./bars.js";
import { clock, prepare } from "./canvas.js";
import { chart } from "./charts.js";
import { find } from "./elements.js";
import { label } from "./marks.js";
import { showReading } from "./reading.js";
import { patchAt } from "./results.js";
import { meanActivations } from "../prediction.js";

const BARS = 5;

/** The column of one model. */
export class AnswerView {
  #root;
  #bars;
  /** @type {Results | undefined} */
  #results;

  /**
   * @param {HTMLElement} root
   * @param {{name: string, address: string}} model
   */
  constructor(root, { name, address }) {
    this.#root = root;
    this.#bars = new Bars(find(root, "[data-bars]", HTMLOListElement), BARS);
    Object.assign(find(root, "h2 a", HTMLAnchorElement), { textContent: name, href: address });
    new ResizeObserver(() => this.#draw()).observe(root);
    document.documentElement.addEventListener("themechange", () => this.#draw());
  }

  /** Whether it shows neither results nor why there are none. */
  get isEmpty() {
    return !this.#results?.times.length && this.#find("error").hidden;
  }

  /** @param {string} name */
  #find(name) {
    return find(this.#root, `[data-${name}]`, HTMLElement);
  }

  /**
   * Show results, and the mean over all of them.
   * @param {Results} results
   */
  show(results) {
    this.#results = results;
    this.#draw();
    this.showMoment();
  }

  /** Forget what was shown. */
  clear() {
    this.#results = undefined;
    this.#bars.clear();
    this.#find("moment").textContent = "";
    this.#find("reading").hidden = true;
    for (const name of ["rows", "axis"]) this.#find(name).replaceChildren();
    this.showError("");
    this.#draw();
  }

  /**
   * Show why there are none.
   * @param {string} text
   */
  showError(text) {
    this.#find("error").textContent = text;
    this.#find("error").hidden = !text;
  }

  /**
   * Show the values of a moment, or the mean over all.
   * @param {number} [time]
   */
  showMoment(time) {
    const results = this.#results;
    if (!results?.times.length) return;
    const patch = time === undefined ? undefined : patchAt(results, time);
    this.#find("moment").textContent = time === undefined ? "Overall" : `At ${clock(time)}`;
    if (showReading(this.#find("reading"), results, patch)) this.#bars.clear();
    else
      this.#bars.show(
        results,
        patch === undefined ? meanActivations(results) : results.activations[patch],
      );
  }

  #draw() {
    const canvas = find(this.#root, "[data-picture]", HTMLCanvasElement);
    const { context, width, height } = prepare(canvas);
    this.#root.classList.toggle("waiting", !this.#results?.times.length);
    if (!this.#results?.times.length) return;
    const picture = chart(this.#results);
    picture.draw(context, width, height);
    canvas.setAttribute("aria-label", picture.describes);
    this.#find("rows").replaceChildren(...picture.marks.map(label));
    drawAxis(this.#find("axis"), this.#results);
    this.#bars.arrange();
  }
}
