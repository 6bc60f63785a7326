/** Try a model: a file, the example or the microphone, and what the model says about it. */

import { DECODERS } from "../decoders.js";
import { Model, decode, microphone } from "../zoo.js";
import { BACKENDS, speed } from "./backends.js";
import { clock } from "./canvas.js";
import { acceptDrops } from "./drop.js";
import { Ear } from "./ear.js";
import { example, wav } from "./example.js";
import { classes, layer } from "./layers.js";
import { Stage } from "./stage.js";
import { UnreadableError, inWords } from "./trouble.js";
import { peaks } from "./waveform.js";

const REDRAW = 100; // milliseconds from picture to picture

/** The section of the page in which the model is tried. */
export class Trial {
  #root;
  #source;
  #stage;
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
    this.#stage = new Stage(this.#find("result"));
    this.#find("sources").hidden = false;
    this.#say("WAV, MP3, FLAC, OGG and M4A usually work.");
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
    await this.#hush();
    if (task.signal.aborted) return;
    this.#trouble("");
    try {
      await what(task.signal);
    } catch (error) {
      if (task.signal.aborted) return;
      this.#trouble(inWords(error));
      this.#say("");
    } finally {
      if (task === this.#task) this.#progress(null);
    }
  }

  async #openFile(file, signal) {
    this.#say(`Reading ${file.name} …`);
    this.#progress();
    const audio = await decode(file).catch(() => {
      throw new UnreadableError(file.name);
    });
    if (!signal.aborted) await this.#hear({ ...audio, name: file.name, file }, signal);
  }

  async #openExample(signal) {
    const audio = await example();
    if (signal.aborted) return;
    const file = wav(audio.samples, audio.sampleRate);
    await this.#hear({ ...audio, name: "the example clip", file }, signal);
  }

  /** Show a clip and ask the model about it. */
  async #hear(clip, signal) {
    const duration = clip.samples.length / clip.sampleRate;
    this.#clip = clip;
    this.#stage.clear();
    this.#stage.showLevels(peaks(clip.samples));
    this.#stage.player.open(clip.file, duration);
    const hearing = { times: [], activations: [], start: 0, end: duration };
    this.#stage.show(hearing);
    const model = await this.#load();
    if (signal.aborted) return;
    const patches = Math.max(
      1,
      Math.floor(((duration - model.span) * model.frameRate) / model.patch.hop) + 1,
    );
    Object.assign(hearing, { span: model.span, classes: classes(model) });
    this.#say(`Listening to ${clip.name} …`);
    this.#progress(0);
    let drawn = 0;
    const onresult = ({ time, activations }) => {
      if (signal.aborted) return;
      hearing.times.push(time);
      hearing.activations.push(activations);
      this.#progress(hearing.times.length / patches);
      const decodes = model.algorithm in DECODERS || !hearing.classes.length;
      if (decodes || performance.now() - drawn < REDRAW) return;
      drawn = performance.now();
      this.#stage.show(hearing);
    };
    const begun = performance.now();
    const options = { layer: layer(model), onresult, signal };
    const prediction = await model.predict(clip.samples, clip.sampleRate, options);
    if (signal.aborted) return;
    const seconds = (performance.now() - begun) / 1000;
    this.#stage.show({ ...hearing, decoded: prediction.decoded });
    if (!prediction.decoded) this.#stage.showNumbers(prediction);
    this.#stage.showSpeed(speed(model, prediction.milliseconds));
    this.#say(`Heard ${clock(duration)} of ${clip.name} in ${seconds.toFixed(1)} s.`);
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
    this.#say(`Loading the model${Number(bytes) ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ""} …`);
    this.#progress();
    const asked = this.#model;
    try {
      return await asked.loaded;
    } catch (error) {
      if (this.#model === asked) this.#model = undefined; // try again next time
      throw new Error(`The model could not be loaded with ${BACKENDS[backend]}. ${error.message}`);
    }
  }

  #toggle() {
    if (this.#microphone) this.#start(async () => this.#say("The microphone is off."));
    else this.#start((signal) => this.#listen(signal));
  }

  async #listen(signal) {
    if (!navigator.mediaDevices)
      throw new Error("The microphone works only over https or on localhost.");
    this.#clip = undefined;
    this.#stage.clear();
    this.#stage.player.close();
    const model = await this.#load();
    if (signal.aborted) return;
    this.#say("Asking for the microphone …");
    const ear = new Ear(model, this.#stage);
    const options = {
      layer: layer(model),
      hop: model.patch.frames === 1 ? model.patch.hop : undefined,
    };
    const opened = await microphone(model, { ...options, ...ear.listeners });
    if (signal.aborted) return opened.stop();
    this.#microphone = opened;
    this.#find("microphone").setAttribute("aria-pressed", "true");
    this.#find("microphone").querySelector("span").textContent = "Stop";
    this.#say(`Listening to the microphone. A result tells of ${model.span.toFixed(1)} s.`);
  }

  /** End the microphone. */
  async #hush() {
    const opened = this.#microphone;
    this.#microphone = undefined;
    this.#find("microphone").setAttribute("aria-pressed", "false");
    this.#find("microphone").querySelector("span").textContent = "Microphone";
    await opened?.stop();
  }

  /** Ask another backend about the same. */
  #restart() {
    const clip = this.#clip;
    if (clip) this.#start((signal) => this.#hear(clip, signal));
    else if (this.#microphone) this.#start((signal) => this.#listen(signal));
  }

  #say(text) {
    this.#find("status").textContent = text;
  }

  #trouble(text) {
    this.#find("trouble").textContent = text;
    this.#find("trouble").hidden = !text;
  }

  /** Show how far it is: from 0 to 1, undefined where nobody knows, null to hide it. */
  #progress(share) {
    const bar = this.#find("work").querySelector("progress");
    this.#find("work").hidden = share === null;
    if (share === undefined) bar.removeAttribute("value");
    else if (share !== null) bar.value = Math.min(1, share);
  }
}
