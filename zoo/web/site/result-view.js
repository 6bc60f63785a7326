/** The result view: waveform, picture, bars, and a player that they follow. */

import { Bars } from "./bars.js";
import { clock, prepare } from "./canvas.js";
import { chart } from "./charts.js";
import { VOICED } from "./charts/pitch.js";
import { color } from "./colors.js";
import { mean, patchAt, said, spoken } from "./results.js";
import { Player } from "./player.js";
import { drawLevels } from "./waveform.js";
import { note } from "../pitch.js";

const BARS = 6;
const MARKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]; // seconds between marks
const MARK_WIDTH = 56; // pixels

/** The part of the page below the buttons. */
export class ResultView {
  #root;
  #results;
  #chart;
  #levels;
  #room;
  #bars;
  #patch; // which patch

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#bars = new Bars(this.#find("bars"), BARS);
    const parts = {
      view: root,
      button: this.#find("play"),
      seek: this.#find("seek"),
      clock: this.#find("clock"),
      playhead: this.#find("playhead"),
    };
    this.player = new Player(parts, (time) => this.#follow(time));
    this.#find("chart").addEventListener("pointermove", (event) => this.#point(event));
    this.#find("chart").addEventListener("pointerleave", () => (this.#find("tip").hidden = true));
    this.#find("chart").addEventListener("click", (event) => this.#jump(event));
    new ResizeObserver(() => this.#draw()).observe(this.#find("timeline"));
    document.documentElement.addEventListener("themechange", () => this.#draw());
  }

  /** Show how loud it is over time; `room` levels fill the width. */
  showLevels(levels, room = levels.length) {
    this.#root.hidden = false;
    this.#levels = levels;
    this.#room = room;
    drawLevels(this.#find("wave"), levels, room);
  }

  /** Show results; `live` those of the latest patch, else the mean. */
  show(results, { live = false } = {}) {
    this.#root.hidden = false;
    this.#results = results;
    this.#chart = results.times.length ? chart(results) : undefined;
    this.#draw();
    if (!results.times.length) return;
    if (live) this.#showPatch(results.times.length - 1, "Now");
    else this.#showPatch(undefined, "Overall");
  }

  /** Show how fast the model is. */
  showSpeed(text) {
    this.#find("speed").textContent = text;
  }

  /** Fill the table of numbers. */
  showNumbers(prediction) {
    const rows = prediction.top(prediction.classes.length).slice(0, 100);
    const table = this.#find("table");
    this.#find("numbers").hidden = !rows.length;
    table.innerHTML =
      '<thead><tr><th scope="col">Class</th><th scope="col">Mean</th></tr></thead><tbody></tbody>';
    for (const { name, score } of rows) {
      const row = table.tBodies[0].insertRow();
      row.insertCell().textContent = spoken(name);
      row.insertCell().textContent = score.toFixed(4);
    }
  }

  clear() {
    this.#results = this.#chart = this.#levels = undefined;
    this.#bars.clear();
    this.#find("reading").hidden = this.#find("numbers").hidden = true;
    this.#find("rows").replaceChildren();
    this.#find("speed").textContent = "";
    this.#find("axis").replaceChildren();
    for (const name of ["picture", "wave"]) prepare(this.#find(name));
  }

  #find(name) {
    return this.#root.querySelector(`[data-${name}]`);
  }

  #draw() {
    if (this.#levels) drawLevels(this.#find("wave"), this.#levels, this.#room);
    if (!this.#results) return;
    this.#drawAxis();
    const canvas = this.#find("picture");
    const { context, width, height } = prepare(canvas);
    const { marks = [], range, map, describes } = this.#chart ?? {};
    this.#chart?.draw(context, width, height);
    canvas.setAttribute("aria-label", describes ?? "Nothing yet");
    this.#find("rows").replaceChildren(...marks.map(label));
    this.#drawLegend(range, map);
  }

  #drawAxis() {
    const { start, end } = this.#results;
    const axis = this.#find("axis");
    const room = axis.clientWidth / MARK_WIDTH;
    const step = MARKS.find((seconds) => (end - start) / seconds <= room) ?? MARKS.at(-1);
    const spans = [];
    for (let time = Math.ceil(start / step) * step; time <= end; time += step) {
      const span = document.createElement("span");
      span.textContent = clock(time);
      span.style.left = `${((time - start) / (end - start)) * 100}%`;
      spans.push(span);
    }
    axis.replaceChildren(...spans);
  }

  #drawLegend(range, map) {
    const scale = this.#find("scale");
    scale.hidden = !range;
    this.#find("low").textContent = range ? said(range[0]) : "";
    this.#find("high").textContent = range ? said(range[1]) : "";
    if (!range) return;
    const { context, width, height } = prepare(scale);
    for (let x = 0; x < width; x++) {
      context.fillStyle = color(x / (width - 1), map);
      context.fillRect(x, 0, 1, height);
    }
  }

  #follow(time) {
    if (!this.#results?.times.length) return;
    const patch = patchAt(this.#results, time);
    if (patch === this.#patch) this.#find("moment").textContent = `At ${clock(time)}`;
    else this.#showPatch(patch, `At ${clock(time)}`);
  }

  /** Show the values of one patch, or of all of them. */
  #showPatch(patch, moment) {
    const results = this.#results;
    this.#patch = patch;
    this.#find("moment").textContent = moment;
    const reading = this.#find("reading");
    const [words, more] = read(results, patch);
    reading.hidden = !words;
    reading.replaceChildren(
      words ?? "",
      Object.assign(document.createElement("small"), { textContent: more }),
    );
    if (words) this.#bars.clear();
    else this.#bars.show(results, patch === undefined ? mean(results) : results.activations[patch]);
  }

  #place({ clientX, clientY }) {
    const box = this.#find("picture").getBoundingClientRect();
    const across = Math.max(0, Math.min(1, (clientX - box.left) / box.width));
    const { start, end } = this.#results;
    return {
      across,
      time: start + across * (end - start),
      down: (clientY - box.top) / box.height,
      box,
    };
  }

  #point(event) {
    if (!this.#chart) return;
    const { across, time, down, box } = this.#place(event);
    const tip = this.#find("tip");
    tip.hidden = false;
    tip.textContent = this.#chart.tip(time, down);
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.max(half, Math.min(box.width - half, across * box.width))}px`;
    tip.style.top = `${down * box.height}px`;
  }

  #jump(event) {
    const seek = this.#find("seek");
    if (!this.#results || seek.disabled) return;
    seek.value = String(this.#place(event).time);
    seek.dispatchEvent(new Event("input"));
  }
}

/** What tempo, pitch and embeddings are in words; nothing of classes, which are bars. */
function read({ decoded, classes, activations }, patch) {
  if (decoded?.tempo) {
    const { bpm, confidence, local, probabilities } = decoded.tempo;
    const value = patch === undefined ? bpm : local[patch];
    const sure = patch === undefined ? confidence : probabilities[patch];
    return value
      ? [`${Math.round(value)} BPM`, `confidence ${said(sure)}`]
      : ["–", "no tempo in silence"];
  }
  if (decoded?.pitch) {
    const { frequencies, confidences } = decoded.pitch;
    const i = patch ?? middle(decoded.pitch);
    if (i === undefined || confidences[i] < VOICED) return ["–", "no pitch"];
    const whole = patch === undefined ? ", in the median" : "";
    return [note(frequencies[i]), `${frequencies[i].toFixed(1)} Hz${whole}`];
  }
  if (!classes.length)
    return [String(activations[0].length), "numbers a patch; dark red where two moments are alike"];
  return [];
}

/** The pitched frame that half of the others are below. */
function middle({ frequencies, confidences }) {
  const pitched = [...frequencies.keys()].filter((i) => confidences[i] >= VOICED);
  return pitched.sort((a, b) => frequencies[a] - frequencies[b])[pitched.length >> 1];
}

function label({ text, at, color: ink }) {
  const span = document.createElement("span");
  span.textContent = span.title = text;
  span.style.top = `${at * 100}%`;
  if (ink) span.style.borderRight = `3px solid ${ink}`;
  return span;
}
