/**
 * The live view: the microphone's last seconds.
 *
 * @import { Model } from "../model.js"
 * @import { DecodedResult } from "../prediction.js"
 * @import { ResultView } from "./result-view.js"
 */

import { decode } from "../decoders.js";
import { speed } from "./backends.js";
import { classes } from "./layers.js";

const WINDOW = 30; // seconds that are shown
const LEVELS = 10; // a second
const REDRAW = 100; // milliseconds from picture to picture

/** What the microphone brought in the last seconds. */
export class LiveView {
  #model;
  #view;
  #onspeed;
  /** @type {number[]} */
  #levels = [];
  /** @type {DecodedResult[]} */
  #results = [];
  #drawn = 0;

  /**
   * @param {Model} model
   * @param {ResultView} view
   * @param {(text: string) => void} onspeed  Told how fast the model is.
   */
  constructor(model, view, onspeed) {
    this.#model = model;
    this.#view = view;
    this.#onspeed = onspeed;
  }

  get listeners() {
    return {
      onlevel: (/** @type {number} */ level) => this.#level(level),
      onresult: (/** @type {DecodedResult} */ result) => this.#result(result),
    };
  }

  /** @param {number} level */
  #level(level) {
    this.#levels.push(level);
    if (this.#levels.length > WINDOW * LEVELS) this.#levels.shift();
    this.#view.showLevels(this.#levels, WINDOW * LEVELS);
  }

  /** @param {DecodedResult} result */
  #result(result) {
    const { span, algorithm } = this.#model;
    const end = Math.max(WINDOW, result.time + span);
    this.#results.push(result);
    this.#results = this.#results.filter(({ time }) => time >= end - WINDOW);
    if (performance.now() - this.#drawn < REDRAW) return;
    this.#drawn = performance.now();
    const activations = this.#results.map((each) => each.activations);
    const times = this.#results.map(({ time }) => time);
    const decoded = decode(algorithm, this.#results);
    const named = classes(this.#model, activations[0].length);
    const { scale } = this.#model.record.zoo ?? {};
    const results = { times, activations, span, decoded, scale, classes: named };
    this.#view.show({ ...results, start: end - WINDOW, end }, { live: true });
    this.#onspeed(speed(this.#model, result.milliseconds));
  }
}
