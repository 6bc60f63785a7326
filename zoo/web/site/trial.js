/** Try a model: a file, the example or the microphone, and what the model predicts. */

/**
 * @import { Clip } from "./clips.js"
 * @import { Backend } from "../engine.js"
 * @import { Progress } from "../download.js"
 * @import { Microphone } from "../microphone.js"
 * @import { Source } from "../network.js"
 * @import { DecodedResult } from "../prediction.js"
 * @import { Results } from "./results.js"
 *
 * @typedef {(signal: AbortSignal) => Promise<void>} Task
 *
 * @typedef {object} Loading  A model on its way.
 * @property {Backend} [backend]
 * @property {AbortController} loading
 * @property {Promise<Model>} loaded
 * @property {boolean} lost  Whether its graphics card was lost.
 */

import { microphone } from "../microphone.js";
import { Model } from "../model.js";
import { BACKENDS, FORBIDDEN, LOST, fetched, speed } from "./backends.js";
import { clock } from "./canvas.js";
import { exampleClip, readClip } from "./clips.js";
import { acceptDrops } from "./drop.js";
import { find } from "./elements.js";
import { LiveView } from "./live-view.js";
import { called, classes, layer } from "./layers.js";
import { ResultView } from "./result-view.js";
import { inWords } from "./errors.js";
import { peaks } from "./waveform.js";

const REDRAW = 100; // milliseconds from picture to picture
const ROWS = 100; // of the table of numbers

/** The section of the page in which the model is tried. */
export class Trial {
  #root;
  #source;
  #view;
  /** @type {Loading | undefined} */
  #model;
  /** @type {Clip | undefined} */
  #clip;
  /** @type {Microphone | undefined} */
  #microphone;
  #task = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {Source} source  Of the model.
   */
  constructor(root, source) {
    this.#root = root;
    this.#source = source;
    this.#view = new ResultView(this.#find("result"));
    this.#find("sources").hidden = this.#find("details").hidden = false;
    this.#showStatus("WAV, MP3, FLAC, OGG and M4A usually work.");
    const file = find(root, "input[type=file]", HTMLInputElement);
    file.addEventListener("change", () => {
      const [chosen] = file.files ?? [];
      if (chosen) this.#start((signal) => this.#openFile(chosen, signal));
      file.value = ""; // the same file may be chosen again
    });
    this.#find("example").addEventListener("click", () =>
      this.#start((signal) => this.#openExample(signal)),
    );
    this.#find("microphone").addEventListener("click", () => this.#toggle());
    this.#find("cancel").addEventListener("click", () => this.#cancel());
    this.#backend.addEventListener("change", () => this.#restart());
    acceptDrops(root, (file) => this.#start((signal) => this.#openFile(file, signal)));
  }

  get #backend() {
    return find(this.#root, "[name=backend]", HTMLSelectElement);
  }

  /** @param {string} name */
  #find(name) {
    return find(this.#root, `[data-${name}]`, HTMLElement);
  }

  /**
   * Stop what is going on and start another task; show if it fails.
   * @param {Task} what
   */
  async #start(what) {
    this.#task.abort();
    const task = (this.#task = new AbortController());
    await this.#stopMicrophone();
    if (task.signal.aborted) return;
    this.#showError("");
    try {
      await what(task.signal);
    } catch (error) {
      if (task.signal.aborted) return;
      this.#showError(inWords(error));
      this.#showStatus("");
    } finally {
      if (task === this.#task) {
        this.#showProgress(null);
        if (!this.#microphone) this.#view.settle();
      }
    }
  }

  /**
   * @param {File} file
   * @param {AbortSignal} signal
   */
  async #openFile(file, signal) {
    this.#showStatus(`Reading ${file.name} …`);
    this.#showProgress();
    const clip = await readClip(file);
    if (!signal.aborted) await this.#predict(clip, signal);
  }

  /** @param {AbortSignal} signal */
  async #openExample(signal) {
    const clip = await exampleClip();
    if (!signal.aborted) await this.#predict(clip, signal);
  }

  /**
   * Show a clip and what the model predicts for it.
   * @param {Clip} clip
   * @param {AbortSignal} signal
   */
  async #predict(clip, signal) {
    const duration = clip.samples.length / clip.sampleRate;
    this.#clip = clip;
    this.#view.clear();
    this.#view.showLevels(peaks(clip.samples));
    this.#view.player.open(clip.file, duration);
    /** @type {Results} */
    const results = { times: [], activations: [], classes: [], span: 0, start: 0, end: duration };
    this.#view.show(results);
    const model = await this.#load();
    if (signal.aborted) return;
    const patches = model.patchesIn(duration);
    Object.assign(results, { span: model.span, scale: model.record.zoo?.scale });
    this.#showStatus(`Analysing ${clip.name} …`);
    this.#showProgress(0);
    let drawn = 0;
    const onresult = (/** @type {DecodedResult} */ { time, activations, decoded }) => {
      if (signal.aborted) return;
      if (!results.times.length) results.classes = classes(model, activations.length);
      results.times.push(time);
      results.activations.push(activations);
      this.#showProgress(results.times.length / patches);
      const waits = decoded || !results.classes.length; // for all patches to make a picture
      if (waits || performance.now() - drawn < REDRAW) return;
      drawn = performance.now();
      this.#view.show(results);
    };
    const begun = performance.now();
    const options = { layer: layer(model), onresult, signal };
    const prediction = await model.predict(clip.samples, clip.sampleRate, options);
    if (signal.aborted) return;
    const seconds = (performance.now() - begun) / 1000;
    this.#view.show({ ...results, decoded: prediction.decoded });
    this.#view.offer({ file: clip.name, model: model.id, layer: options.layer, prediction });
    const named = !prediction.decoded && results.classes.length;
    const rows = named ? prediction.top(ROWS) : [];
    this.#view.showNumbers(rows.map(({ name, score }) => ({ name: called(model, name), score })));
    this.#showSpeed(speed(model, prediction.milliseconds));
    const told = `Analysed ${clock(duration)} of ${clip.name} in ${seconds.toFixed(1)}\u00a0s.`;
    const instead = model.backend === "webgl" && this.#backend.value !== "webgl";
    const note = this.#model?.lost ? LOST : instead ? FORBIDDEN : "";
    this.#showStatus(`${told} ${note}`.trim());
  }

  /** Load the model with the chosen backend, once. */
  async #load() {
    const backend = /** @type {Backend | ""} */ (this.#backend.value) || undefined;
    if (!this.#model || this.#model.backend !== backend) {
      this.#model?.loaded.then(
        (model) => model.close(),
        () => {},
      );
      const loading = new AbortController();
      const onprogress = (/** @type {Progress} */ progress) => {
        this.#showStatus(`Loading the model: ${fetched(progress)} …`);
        this.#showProgress(progress.loaded / progress.total);
      };
      const loaded = Model.load(this.#source, { backend, signal: loading.signal, onprogress });
      this.#model = { backend, loading, loaded, lost: false };
      this.#watch(this.#model);
    }
    const bytes = Number(this.#root.dataset.bytes);
    this.#showStatus(`Loading the model${bytes ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ""} …`);
    this.#showProgress();
    const asked = this.#model;
    try {
      return await asked.loaded;
    } catch (error) {
      if (this.#model === asked) this.#model = undefined; // try again next time
      const tried = backend ? ` with ${BACKENDS[backend]}` : "";
      throw new Error(`The model could not be loaded${tried}. ${inWords(error)}`);
    }
  }

  /**
   * Tell it when the graphics card is lost.
   * @param {Loading} asked
   */
  async #watch(asked) {
    const model = await asked.loaded.catch(() => null);
    await model?.lost;
    asked.lost = true;
    if (model && asked === this.#model) this.#showStatus(LOST);
  }

  #cancel() {
    this.#model?.loading.abort(); // what is loaded stays
    this.#start(async () => this.#showStatus("Cancelled."));
  }

  #toggle() {
    if (this.#microphone) this.#start(async () => this.#showStatus("The microphone is off."));
    else this.#start((signal) => this.#listen(signal));
  }

  /** @param {AbortSignal} signal */
  async #listen(signal) {
    if (!navigator.mediaDevices)
      throw new Error("The microphone is available only over https or on localhost.");
    this.#clip = undefined;
    this.#view.clear();
    this.#view.player.close();
    const model = await this.#load();
    if (signal.aborted) return;
    this.#showStatus("Waiting for microphone access …");
    const live = new LiveView(model, this.#view, (text) => this.#showSpeed(text));
    const options = {
      layer: layer(model),
      hop: model.patch.frames === 1 ? model.patch.hop : undefined,
    };
    const opened = await microphone(model, { ...options, ...live.listeners });
    if (signal.aborted) return opened.stop();
    this.#microphone = opened;
    opened.done.catch((error) =>
      this.#start(async () => {
        throw error;
      }),
    );
    this.#find("microphone").setAttribute("aria-pressed", "true");
    find(this.#root, "[data-microphone] span", HTMLElement).textContent = "Stop";
    this.#showStatus(
      `Listening to the microphone. Each result covers ${model.span.toFixed(1)}\u00a0s.`,
    );
  }

  /** Switch the microphone off. */
  async #stopMicrophone() {
    const opened = this.#microphone;
    this.#microphone = undefined;
    this.#find("microphone").setAttribute("aria-pressed", "false");
    find(this.#root, "[data-microphone] span", HTMLElement).textContent = "Microphone";
    await opened?.stop();
  }

  /** Do the same again with another backend. */
  #restart() {
    const clip = this.#clip;
    if (clip) this.#start((signal) => this.#predict(clip, signal));
    else if (this.#microphone) this.#start((signal) => this.#listen(signal));
  }

  /** @param {string} text */
  #showStatus(text) {
    this.#find("status").textContent = text;
  }

  /** @param {string} text */
  #showSpeed(text) {
    this.#find("speed").textContent = text;
  }

  /** @param {string} text */
  #showError(text) {
    this.#find("error").textContent = text;
    this.#find("error").hidden = !text;
  }

  /**
   * Show how far it is: from 0 to 1, undefined where that is not known, null to hide it.
   * @param {number | null} [share]
   */
  #showProgress(share) {
    const bar = find(this.#root, "[data-work] progress", HTMLProgressElement);
    this.#find("work").hidden = share === null;
    if (share === undefined) bar.removeAttribute("value");
    else if (share !== null) bar.value = Math.min(1, share);
  }
}
