/** Try a model: a file, the example or the microphone, and what the model says about it. */

import { DECODERS } from "../decoders.js";
import { Model, decode, microphone } from "../zoo.js";
import { BACKENDS, speed } from "./backends.js";
import { clock } from "./canvas.js";
import { acceptDrops } from "./drop.js";
import { LiveView } from "./live-view.js";
import { example, wav } from "./example.js";
import { classes, layer } from "./layers.js";
import { ResultView } from "./result-view.js";
import { UnreadableError, inWords } from "./errors.js";
import { peaks } from "./waveform.js";

const REDRAW = 100; // milliseconds from picture to picture

/** The section of the page in which the model is tried. */
export class Trial {
  #root;
  #source;
  #view;
  #model; // a promise
  #clip;
  #microphone;
  #task = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {string | object} source  Of the model, as `Model.load` takes it.
   */
  constructor(root, source) {
    this.#root = root;
    this.#source = source;
    this.#view = new ResultView(this.#find("result"));
    this.#find("sources").hidden = false;
    this.#showStatus("WAV, MP3, FLAC, OGG and M4A usually work.");
    const file = root.querySelector("input[type=file]");
    file.addEventListener("change", () => {
      const [chosen] = file.files;
      if (chosen) this.#start((signal) => this.#openFile(chosen, signal));
      file.value = ""; // the same file may be chosen again
    });
    this.#find("example").addEventListener("click", () =>
      this.#start((signal) => this.#openExample(signal)),
    );
    this.#find("microphone").addEventListener("click", () => this.#toggle());
    this.#backend.addEventListener("change", () => this.#restart());
    acceptDrops(root, (file) => this.#start((signal) => this.#openFile(file, signal)));
  }

  get #backend() {
    return this.#root.querySelector("[name=backend]");
  }

  #find(name) {
    return this.#root.querySelector(`[data-${name}]`);
  }

  /** End what is going on, and do something else; tell if it fails. */
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
      if (task === this.#task) this.#showProgress(null);
    }
  }

  async #openFile(file, signal) {
    this.#showStatus(`Reading ${file.name} …`);
    this.#showProgress();
    const audio = await decode(file).catch(() => {
      throw new UnreadableError(file.name);
    });
    if (!signal.aborted) await this.#predict({ ...audio, name: file.name, file }, signal);
  }

  async #openExample(signal) {
    const audio = await example();
    if (signal.aborted) return;
    const file = wav(audio.samples, audio.sampleRate);
    await this.#predict({ ...audio, name: "the example clip", file }, signal);
  }

  /** Show a clip and what the model predicts for it. */
  async #predict(clip, signal) {
    const duration = clip.samples.length / clip.sampleRate;
    this.#clip = clip;
    this.#view.clear();
    this.#view.showLevels(peaks(clip.samples));
    this.#view.player.open(clip.file, duration);
    const results = { times: [], activations: [], start: 0, end: duration };
    this.#view.show(results);
    const model = await this.#load();
    if (signal.aborted) return;
    const patches = Math.max(
      1,
      Math.floor(((duration - model.span) * model.frameRate) / model.patch.hop) + 1,
    );
    Object.assign(results, { span: model.span, classes: classes(model) });
    this.#showStatus(`Listening to ${clip.name} …`);
    this.#showProgress(0);
    let drawn = 0;
    const onresult = ({ time, activations }) => {
      if (signal.aborted) return;
      results.times.push(time);
      results.activations.push(activations);
      this.#showProgress(results.times.length / patches);
      const decodes = model.algorithm in DECODERS || !results.classes.length;
      if (decodes || performance.now() - drawn < REDRAW) return;
      drawn = performance.now();
      this.#view.show(results);
    };
    const begun = performance.now();
    const options = { layer: layer(model), onresult, signal };
    const prediction = await model.predict(clip.samples, clip.sampleRate, options);
    if (signal.aborted) return;
    const seconds = (performance.now() - begun) / 1000;
    this.#view.show({ ...results, decoded: prediction.decoded });
    if (!prediction.decoded) this.#view.showNumbers(prediction);
    this.#view.showSpeed(speed(model, prediction.milliseconds));
    this.#showStatus(`Heard ${clock(duration)} of ${clip.name} in ${seconds.toFixed(1)} s.`);
  }

  /** Load the model with the chosen backend, once. */
  async #load() {
    const backend = this.#backend.value;
    if (this.#model?.backend !== backend) {
      this.#model?.loaded.then(
        (model) => model.close(),
        () => {},
      );
      const loaded = Model.load(this.#source, { backend });
      this.#model = { backend, loaded };
    }
    const { bytes } = this.#root.dataset;
    this.#showStatus(
      `Loading the model${Number(bytes) ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ""} …`,
    );
    this.#showProgress();
    const asked = this.#model;
    try {
      return await asked.loaded;
    } catch (error) {
      if (this.#model === asked) this.#model = undefined; // try again next time
      throw new Error(`The model could not be loaded with ${BACKENDS[backend]}. ${error.message}`);
    }
  }

  #toggle() {
    if (this.#microphone) this.#start(async () => this.#showStatus("The microphone is off."));
    else this.#start((signal) => this.#listen(signal));
  }

  async #listen(signal) {
    if (!navigator.mediaDevices)
      throw new Error("The microphone works only over https or on localhost.");
    this.#clip = undefined;
    this.#view.clear();
    this.#view.player.close();
    const model = await this.#load();
    if (signal.aborted) return;
    this.#showStatus("Asking for the microphone …");
    const live = new LiveView(model, this.#view);
    const options = {
      layer: layer(model),
      hop: model.patch.frames === 1 ? model.patch.hop : undefined,
    };
    const opened = await microphone(model, { ...options, ...live.listeners });
    if (signal.aborted) return opened.stop();
    this.#microphone = opened;
    this.#find("microphone").setAttribute("aria-pressed", "true");
    this.#find("microphone").querySelector("span").textContent = "Stop";
    this.#showStatus(`Listening to the microphone. A result tells of ${model.span.toFixed(1)} s.`);
  }

  /** End the microphone. */
  async #stopMicrophone() {
    const opened = this.#microphone;
    this.#microphone = undefined;
    this.#find("microphone").setAttribute("aria-pressed", "false");
    this.#find("microphone").querySelector("span").textContent = "Microphone";
    await opened?.stop();
  }

  /** Ask another backend about the same. */
  #restart() {
    const clip = this.#clip;
    if (clip) this.#start((signal) => this.#predict(clip, signal));
    else if (this.#microphone) this.#start((signal) => this.#listen(signal));
  }

  #showStatus(text) {
    this.#find("status").textContent = text;
  }

  #showError(text) {
    this.#find("error").textContent = text;
    this.#find("error").hidden = !text;
  }

  /** Show how far it is: from 0 to 1, undefined where nobody knows, null to hide it. */
  #showProgress(share) {
    const bar = this.#find("work").querySelector("progress");
    this.#find("work").hidden = share === null;
    if (share === undefined) bar.removeAttribute("value");
    else if (share !== null) bar.value = Math.min(1, share);
  }
}
