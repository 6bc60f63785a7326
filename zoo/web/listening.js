/** A network that listens: audio in, a result for each patch out. */

/**
 * @import { Network } from "./network.js"
 * @import { Result } from "./prediction.js"
 *
 * @typedef {object} ListeningOptions
 * @property {number} sampleRate  In hertz.
 * @property {number} hop  In frames.
 * @property {string} layer
 * @property {boolean} live  Whether a patch is left out when the next one is there already.
 * @property {boolean} whole  Whether the audio is normalised as a whole, if the network is meant
 *   for that: then there is no result before its end.
 *
 * @typedef {Pick<Network, "metadata" | "width" | "seconds" | "batch" | "readsSamples" | "layer" |
 *   "features" | "run">} Runnable  What is needed of a network.
 */

import { yieldToEventLoop } from "./event-loop.js";
import { joined, mean } from "./numbers.js";
import { Overlap } from "./overlap.js";
import { Framing, Patching, nonSilent, standardFrames } from "./patching.js";
import { resampling } from "./resample.js";

const PIECE = 1.02; // patches' lengths of audio that are worked on at once: the first has a result
const LOUDEST = 16; // beyond are integers that were not scaled
const FLOOR = 0.005; // added to the peak of a clip that is normalised

/** A signal on its way through a network. */
export class Listening {
  #network;
  #options;
  #onresult;
  #resampling;
  #framing;
  #patching;
  #overlap;
  #piece; // samples that are worked on at once
  /** @type {Float32Array[] | null} */
  #clip; // samples so far, where they are normalised as a whole
  /** @type {Float32Array[]} */
  #blocks = [];
  #arrived = 0; // when the last block came
  #over = false;
  #closed = false;
  #wake = () => {};
  #patches = 0;
  #skipped = 0;

  /**
   * @param {Runnable} network
   * @param {ListeningOptions} options
   * @param {(result: Result) => void} onresult
   */
  constructor(network, options, onresult) {
    const { sample_rate: rate, normalize } = network.metadata;
    this.#network = network;
    this.#options = { ...options, layer: network.layer(options.layer) };
    this.#onresult = onresult;
    this.#resampling = resampling(options.sampleRate, rate);
    [this.#framing, this.#patching] = cutting(network, options.hop);
    this.#overlap = new Overlap(options.hop);
    this.#piece = Math.ceil(PIECE * Math.max(1, network.seconds) * options.sampleRate);
    this.#clip = normalize && options.whole ? [] : null;
  }

  /**
   * Feed the next block, of any length.
   * @param {Float32Array} samples
   */
  feed(samples) {
    this.#arrived = performance.now();
    this.#blocks.push(samples);
    this.#wake();
  }

  /** End the audio. */
  finish() {
    this.#over = true;
    this.#wake();
  }

  /** Give no more results. */
  close() {
    this.#closed = true;
    this.#wake();
  }

  /**
   * Work on what comes until there is a result for everything.
   * @throws {RangeError}  Samples are no numbers.
   */
  async run() {
    try {
      await this.#listen();
    } finally {
      this.#overlap.dispose();
    }
  }

  async #listen() {
    while (!this.#closed && (this.#blocks.length || !this.#over)) {
      if (this.#blocks.length) await this.#process(this.#resampling.feed(this.#next()));
      else await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    }
    if (this.#closed) return;
    await this.#process(this.#resampling.finish());
    if (this.#clip) await this.#processClip(normalized(joined(this.#clip)));
    await this.#runPatches(await this.#framing.finish());
  }

  /** The next samples to work on: of live sound all that are there. */
  #next() {
    if (this.#options.live) this.#blocks = [joined(this.#blocks)];
    const piece = this.#blocks[0].subarray(0, this.#options.live ? undefined : this.#piece);
    this.#blocks[0] = this.#blocks[0].subarray(piece.length);
    if (!this.#blocks[0].length) this.#blocks.shift();
    if (!piece.every((sample) => Math.abs(sample) <= LOUDEST))
      throw new RangeError("Samples must be finite numbers, with ±1 as full scale.");
    return piece;
  }

  /** @param {Float32Array} samples */
  async #process(samples) {
    if (this.#clip) this.#clip.push(samples);
    else await this.#runPatches(await this.#framing.feed(samples));
  }

  /** @param {Float32Array} samples */
  async #processClip(samples) {
    for (let start = 0; start < samples.length && !this.#closed; start += this.#piece)
      await this.#runPatches(
        await this.#framing.feed(samples.subarray(start, start + this.#piece)),
      );
  }

  /** @param {Float32Array} frames */
  async #runPatches(frames) {
    let patches = this.#patching.feed(frames);
    if (this.#options.live) patches = this.#latest(patches);
    while (patches.length) {
      await yieldToEventLoop(); // for other messages
      if (this.#closed) return;
      await this.#run(patches.splice(0, this.#network.batch));
    }
  }

  /**
   * Leave out patches that are too late.
   * @param {Float32Array[]} patches
   */
  #latest(patches) {
    const late = Math.max(0, patches.length - this.#network.batch);
    this.#skipped += late;
    this.#patches += late;
    return patches.slice(late);
  }

  /** @param {Float32Array[]} patches */
  async #run(patches) {
    const start = performance.now();
    const rows = await this.#network.run(patches, this.#options.layer, this.#overlap);
    const end = performance.now();
    patches.forEach((patch, i) =>
      this.#onresult({
        time: this.#time(this.#patches++),
        activations: rows[i],
        nonSilent: nonSilent(patch),
        milliseconds: (end - start) / patches.length,
        ...(this.#options.live && { latency: end - this.#arrived, skipped: this.#skipped }),
      }),
    );
  }

  /**
   * When a patch begins, in seconds.
   * @param {number} patch
   */
  #time(patch) {
    const { frontend, sample_rate } = this.#network.metadata;
    return (patch * this.#options.hop * frontend.hop) / sample_rate;
  }
}

/**
 * How a signal becomes the input of a network.
 * @param {Runnable} network
 * @param {number} hop
 * @returns {[Framing, Patching]}
 */
function cutting(network, hop) {
  const { frontend, patch } = network.metadata;
  if (!(Number.isInteger(hop) && hop > 0))
    throw new RangeError(`The hop is ${hop} frames; it must be a whole number, at least 1.`);
  if (network.readsSamples) {
    const apart = { ...frontend, hop: frontend.hop * hop };
    /** @param {Float32Array} samples */
    const cut = async (samples) => standardFrames(samples, apart);
    return [new Framing(cut, apart, network.width), new Patching(1, 1, network.width)];
  }
  /** @param {Float32Array} samples */
  const compute = (samples) => network.features(samples);
  return [
    new Framing(compute, frontend, network.width),
    new Patching(patch.frames, hop, network.width),
  ];
}

/**
 * A clip with mean 0 and a peak of nearly 1.
 * @param {Float32Array} samples
 */
function normalized(samples) {
  const average = mean(samples);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - average)), 0);
  return samples.map((sample) => (sample - average) / (peak + FLOOR));
}
