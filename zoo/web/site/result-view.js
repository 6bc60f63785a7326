/**
 * The result view: waveform, picture, bars, and a player that they follow.
 *
 * @import { Chart } from "./charts.js"
 * @import { Results } from "./results.js"
 * @import { Answer } from "./tables.js"
 */

import { drawAxis } from "./axis.js";
import { Bars } from "./bars.js";
import { clock, prepare } from "./canvas.js";
import { chart } from "./charts.js";
import { color } from "./colors.js";
import { find } from "./elements.js";
import { label } from "./marks.js";
import { showReading } from "./reading.js";
import { patchAt, said } from "./results.js";
import { Player } from "./player.js";
import { offerTables } from "./tables.js";
import { drawLevels } from "./waveform.js";
import { meanActivations } from "../prediction.js";

const BARS = 6;

/** The part of the page below the buttons. */
export class ResultView {
  #root;
  /** @type {Results | undefined} */
  #results;
  /** @type {Chart | undefined} */
  #chart;
  /** @type {ArrayLike<number> | undefined} */
  #levels;
  #room = 0;
  #bars;
  /** @type {number | undefined} */
  #patch; // the one whose values are shown

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#bars = new Bars(find(root, "[data-bars]", HTMLOListElement), BARS);
    const parts = {
      view: root,
      button: find(root, "[data-play]", HTMLButtonElement),
      seek: this.#seek,
      clock: this.#find("clock"),
      playhead: this.#find("playhead"),
    };
    this.player = new Player(parts, {
      onmoment: (time) => this.#follow(time),
      onend: () => this.#showOverall(),
    });
    this.#find("overall").addEventListener("click", () => {
      this.player.pause();
      this.#showOverall();
    });
    this.#find("chart").addEventListener("pointermove", (event) => this.#point(event));
    this.#find("chart").addEventListener("pointerleave", () => (this.#find("tip").hidden = true));
    this.#find("chart").addEventListener("click", (event) => this.#jump(event));
    new ResizeObserver(() => {
      this.#find("tip").hidden = true; // it would stand beyond a page that became narrow
      this.#draw();
    }).observe(this.#find("timeline"));
    document.documentElement.addEventListener("themechange", () => this.#draw());
  }

  /**
   * Show how loud it is over time; `room` levels fill the width.
   * @param {ArrayLike<number>} levels
   * @param {number} [room]
   */
  showLevels(levels, room = levels.length) {
    this.#root.hidden = false;
    this.#levels = levels;
    this.#room = room;
    drawLevels(this.#wave, levels, room);
  }

  /**
   * Show results; `live` those of the latest patch, else the mean.
   * @param {Results} results
   * @param {{live?: boolean}} [options]
   */
  show(results, { live = false } = {}) {
    this.#root.hidden = false;
    this.#results = results;
    this.#chart = results.times.length ? chart(results) : undefined;
    this.#root.classList.toggle("waiting", !this.#chart);
    this.#draw();
    if (!results.times.length) return;
    if (live) this.#showPatch(results, results.times.length - 1, "Now");
    else this.#showOverall();
  }

  /**
   * Fill the table of numbers.
   * @param {{name: string, score: number}[]} rows
   */
  showNumbers(rows) {
    const table = find(this.#root, "[data-table]", HTMLTableElement);
    this.#find("numbers").hidden = !rows.length;
    table.innerHTML =
      '<thead><tr><th scope="col">Class</th><th scope="col">Mean</th></tr></thead><tbody></tbody>';
    for (const { name, score } of rows) {
      const row = table.tBodies[0].insertRow();
      Object.assign(row.insertCell(), { textContent: name, dir: "auto" });
      row.insertCell().textContent = score.toFixed(4);
    }
  }

  /**
   * Offer what was predicted as files.
   * @param {Answer} answer
   */
  offer(answer) {
    offerTables(this.#find("save"), [answer]);
  }

  clear() {
    this.#results = this.#chart = this.#levels = undefined;
    this.#root.classList.add("waiting");
    this.#bars.clear();
    for (const name of ["reading", "numbers", "save", "overall", "range"])
      this.#find(name).hidden = true;
    this.#find("rows").replaceChildren();
    this.#find("axis").replaceChildren();
    for (const canvas of [this.#picture, this.#wave]) prepare(canvas);
  }

  /** Nothing more comes: do not show what stayed empty. */
  settle() {
    if (this.#chart) return;
    this.#root.hidden = true;
    this.player.pause();
  }

  /** @param {string} name */
  #find(name) {
    return find(this.#root, `[data-${name}]`, HTMLElement);
  }

  get #seek() {
    return find(this.#root, "[data-seek]", HTMLInputElement);
  }

  get #picture() {
    return find(this.#root, "[data-picture]", HTMLCanvasElement);
  }

  get #wave() {
    return find(this.#root, "[data-wave]", HTMLCanvasElement);
  }

  #draw() {
    if (this.#levels) drawLevels(this.#wave, this.#levels, this.#room);
    if (!this.#results) return;
    drawAxis(this.#find("axis"), this.#results);
    const canvas = this.#picture;
    const { context, width, height } = prepare(canvas);
    const { marks = [], range = null, map, unit, describes = "Nothing yet" } = this.#chart ?? {};
    this.#chart?.draw(context, width, height);
    canvas.setAttribute("aria-label", describes);
    this.#find("rows").replaceChildren(...marks.map(label));
    this.#find("legend").hidden = !!this.#chart && !range;
    this.#drawLegend(range, map, unit);
    this.#bars.arrange();
  }

  /**
   * @param {Chart["range"]} range
   * @param {string[]} [map]
   * @param {string} [unit]
   */
  #drawLegend(range, map, unit = "") {
    const scale = find(this.#root, "[data-scale]", HTMLCanvasElement);
    scale.hidden = !range;
    this.#find("low").textContent = range ? said(range[0]) : "";
    this.#find("high").textContent = range ? said(range[1]) : "";
    this.#find("unit").textContent = unit;
    if (!range) return;
    const { context, width, height } = prepare(scale);
    for (let x = 0; x < width; x++) {
      context.fillStyle = color(x / (width - 1), map);
      context.fillRect(x, 0, 1, height);
    }
  }

  /** Show the mean over all patches. */
  #showOverall() {
    if (this.#results?.times.length) this.#showPatch(this.#results, undefined, "Overall");
  }

  /** @param {number} time */
  #follow(time) {
    if (!this.#results?.times.length) return;
    const patch = patchAt(this.#results, time);
    if (patch === this.#patch) this.#find("moment").textContent = `At ${clock(time)}`;
    else this.#showPatch(this.#results, patch, `At ${clock(time)}`);
  }

  /**
   * Show the values of one patch, or of all of them.
   * @param {Results} results
   * @param {number | undefined} patch
   * @param {string} moment
   */
  #showPatch(results, patch, moment) {
    this.#patch = patch;
    this.#find("moment").textContent = moment;
    this.#find("overall").hidden = !moment.startsWith("At");
    const note = this.#find("range");
    note.hidden = !results.scale;
    note.textContent = `On a scale from ${results.scale?.join(" to ")}.`;
    if (showReading(this.#find("reading"), results, patch)) this.#bars.clear();
    else
      this.#bars.show(
        results,
        patch === undefined ? meanActivations(results) : results.activations[patch],
      );
  }

  /**
   * @param {Results} results
   * @param {MouseEvent} event
   */
  #place({ start, end }, { clientX, clientY }) {
    const box = this.#picture.getBoundingClientRect();
    const across = Math.max(0, Math.min(1, (clientX - box.left) / box.width));
    return {
      across,
      time: start + across * (end - start),
      down: (clientY - box.top) / box.height,
      box,
    };
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (!this.#chart || !this.#results) return;
    const { across, time, down, box } = this.#place(this.#results, event);
    const tip = this.#find("tip");
    tip.hidden = false;
    tip.textContent = this.#chart.tip(time, down);
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.max(half, Math.min(box.width - half, across * box.width))}px`;
    tip.style.top = `${down * box.height}px`;
  }

  /** @param {MouseEvent} event */
  #jump(event) {
    const seek = this.#seek;
    if (!this.#results || seek.disabled) return;
    seek.value = String(this.#place(this.#results, event).time);
    seek.dispatchEvent(new Event("input"));
  }
}
