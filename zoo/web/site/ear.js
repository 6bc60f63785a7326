/** The microphone's last seconds on the stage. */

import { DECODERS } from "../decoders.js";
import { speed } from "./backends.js";
import { classes } from "./layers.js";

const WINDOW = 30; // seconds that are shown
const LEVELS = 10; // a second
const REDRAW = 100; // milliseconds from picture to picture

/** What the microphone brought in the last seconds. */
export class Ear {
  #model;
  #stage;
  #levels = [];
  #results = [];
  #drawn = 0;

  constructor(model, stage) {
    this.#model = model;
    this.#stage = stage;
  }

  get listeners() {
    return { onlevel: (level) => this.#level(level), onresult: (result) => this.#result(result) };
  }

  #level(level) {
    this.#levels.push(level);
    if (this.#levels.length > WINDOW * LEVELS) this.#levels.shift();
    this.#stage.showLevels(this.#levels, WINDOW * LEVELS);
  }

  #result(result) {
    const { span, algorithm } = this.#model;
    const end = Math.max(WINDOW, result.time + span);
    this.#results.push(result);
    this.#results = this.#results.filter(({ time }) => time >= end - WINDOW);
    if (performance.now() - this.#drawn < REDRAW) return;
    this.#drawn = performance.now();
    const activations = this.#results.map((each) => each.activations);
    const times = this.#results.map(({ time }) => time);
    const sounding = this.#results.map((each) => each.heard);
    const decoded = DECODERS[algorithm]?.decode(activations, sounding);
    const heard = { times, activations, span, decoded, classes: classes(this.#model) };
    this.#stage.show({ ...heard, start: end - WINDOW, end }, { live: true });
    this.#stage.showSpeed(speed(this.#model, result.milliseconds));
  }
}
