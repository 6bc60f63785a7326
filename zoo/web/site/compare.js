/**
 * Compare: several models about one song. Which ones stands in the address.
 *
 * @import { Clip } from "./clips.js"
 * @import { Model } from "../model.js"
 * @import { Results } from "./results.js"
 */

import { Ensemble } from "../ensemble.js";
import { AnswerView } from "./answer-view.js";
import { FORBIDDEN, LOST, fetched } from "./backends.js";
import { clock } from "./canvas.js";
import { exampleClip, readClip } from "./clips.js";
import { acceptDrops } from "./drop.js";
import { find } from "./elements.js";
import { inWords } from "./errors.js";
import { classes, layer } from "./layers.js";
import { Player } from "./player.js";
import { offerTables } from "./tables.js";
import { drawLevels, peaks } from "./waveform.js";

const MOST = 6; // models
const REDRAW = 200; // milliseconds from picture to picture

const root = find(document, "#compare", HTMLElement);
const ids = (new URLSearchParams(location.hash.slice(1)).get("models") ?? "")
  .split(",")
  .filter(Boolean)
  .slice(0, MOST);
/** @type {Promise<Ensemble> | undefined} */
let loading;
let fetching = new AbortController();
let task = new AbortController();
let isLost = false; // the graphics card
/** @type {Float32Array | undefined} */
let levels;

/** @param {string} name */
const part = (name) => find(root, `[data-${name}]`, HTMLElement);

const views = ids.map((id) => {
  const template = find(document, "template[data-answer]", HTMLTemplateElement);
  const copy = find(
    /** @type {DocumentFragment} */ (template.content.cloneNode(true)),
    ".answer",
    HTMLElement,
  );
  part("answers").append(copy);
  return new AnswerView(copy, { name: id, address: `models/${encodeURIComponent(id)}/` });
});

const overall = find(root, "[data-overall]", HTMLButtonElement);
const player = new Player(
  {
    view: part("result"),
    button: find(root, "[data-play]", HTMLButtonElement),
    seek: find(root, "[data-seek]", HTMLInputElement),
    clock: part("clock"),
    playhead: part("playhead"),
  },
  { onmoment: showMoment, onend: () => showMoment() },
);

/** @param {number} [time] */
function showMoment(time) {
  overall.disabled = time === undefined;
  for (const view of views) view.showMoment(time);
}

/**
 * Stop what is going on, and hear a clip.
 * @param {() => Promise<Clip>} opened
 */
async function hear(opened) {
  task.abort();
  const { signal } = (task = new AbortController());
  show("error", "");
  try {
    showProgress();
    const clip = await opened();
    if (!signal.aborted) await predict(clip, signal);
  } catch (error) {
    if (signal.aborted) return;
    show("status", "");
    show("error", inWords(error));
  }
  if (!signal.aborted) settle();
}

/** Nothing more comes: do not show what stayed empty. */
function settle() {
  showProgress(null);
  if (!views.every((view) => view.isEmpty)) return;
  part("result").hidden = true;
  player.pause();
}

/**
 * @param {Clip} clip
 * @param {AbortSignal} signal
 */
async function predict(clip, signal) {
  const duration = clip.samples.length / clip.sampleRate;
  part("result").hidden = false;
  part("save").hidden = true;
  for (const view of views) view.clear();
  levels = peaks(clip.samples);
  drawWave();
  player.open(clip.file, duration);
  const ensemble = await load();
  if (signal.aborted) return;
  show("status", `Analysing ${clip.name} …`);
  const results = ensemble.models.map((model) => empty(model, duration));
  const expected = ensemble.models.reduce((sum, model) => sum + model.patchesIn(duration), 0);
  let done = 0;
  let drawn = performance.now();
  const begun = drawn;
  const predictions = await ensemble.predict(clip.samples, clip.sampleRate, {
    layer,
    signal,
    onresult(model, { time, activations }) {
      const place = ensemble.models.indexOf(model);
      const found = results[place];
      if (!found.times.length) found.classes = classes(model, activations.length);
      found.times.push(time);
      found.activations.push(activations);
      showProgress(++done / expected);
      if (performance.now() - drawn < REDRAW || !found.classes.length) return;
      drawn = performance.now();
      views[place].show(found);
    },
  });
  if (signal.aborted) return;
  /** @type {import("./tables.js").Answer[]} */
  const answers = [];
  predictions.forEach((prediction, place) => {
    const model = ensemble.models[place];
    if (prediction instanceof Error) return views[place].showError(prediction.message);
    views[place].showError("");
    views[place].show({ ...results[place], decoded: prediction.decoded });
    answers.push({ file: clip.name, model: model.id, layer: layer(model), prediction });
  });
  if (answers.length) offerTables(part("save"), answers);
  const seconds = (performance.now() - begun) / 1000;
  const told = `Analysed ${clock(duration)} of ${clip.name} in ${seconds.toFixed(1)}\u00a0s.`;
  const instead = ensemble.models.some(({ backend }) => backend === "webgl");
  const note = isLost ? LOST : instead ? FORBIDDEN : "";
  show("status", `${told} ${note}`.trim());
}

/** Load the models, once. */
async function load() {
  show("status", "Loading the models …");
  showProgress();
  if (!loading) {
    fetching = new AbortController();
    const sources = ids.map((id) => `models/${encodeURIComponent(id)}/tfjs/`);
    const loaded = Ensemble.load(sources, {
      signal: fetching.signal,
      onprogress(progress) {
        show("status", `Loading the models: ${fetched(progress)} …`);
        showProgress(progress.loaded / progress.total);
      },
    });
    loading = loaded;
    loaded.then(
      ({ lost }) => lost.then(() => (isLost = true)),
      () => {},
    );
  }
  try {
    return await loading;
  } catch (error) {
    loading = undefined; // try again next time
    throw error;
  }
}

/**
 * @param {Model} model
 * @param {number} end
 * @returns {Results}
 */
function empty(model, end) {
  const { span, record } = model;
  return { times: [], activations: [], classes: [], span, start: 0, end, scale: record.zoo?.scale };
}

function drawWave() {
  if (levels) drawLevels(find(root, "[data-wave]", HTMLCanvasElement), levels);
}

/**
 * @param {"status" | "error"} name
 * @param {string} text
 */
function show(name, text) {
  part(name).textContent = text;
  part(name).hidden = name === "error" && !text;
}

/** @param {number | null} [share]  As of a progress bar; null hides it. */
function showProgress(share) {
  const bar = find(root, "[data-work] progress", HTMLProgressElement);
  part("work").hidden = share === null;
  if (share === undefined) bar.removeAttribute("value");
  else if (share !== null) bar.value = Math.min(1, share);
}

part("cancel").addEventListener("click", () => {
  fetching.abort(); // what is loaded stays
  task.abort();
  settle();
  show("status", "Cancelled.");
});
overall.addEventListener("click", () => {
  player.pause();
  showMoment();
});
new ResizeObserver(drawWave).observe(part("result"));
document.documentElement.addEventListener("themechange", drawWave);
addEventListener("hashchange", () => location.reload());
if (ids.length) {
  part("sources").hidden = false;
  show("status", "WAV, MP3, FLAC, OGG and M4A usually work.");
  const file = find(root, "input[type=file]", HTMLInputElement);
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) hear(() => readClip(chosen));
    file.value = ""; // the same file may be chosen again
  });
  part("example").addEventListener("click", () => hear(exampleClip));
  acceptDrops(root, (dropped) => hear(() => readClip(dropped)));
} else part("none").hidden = false;
