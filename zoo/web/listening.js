/** A network that listens: audio in, a result for each patch out. */

import { breath } from "./breath.js";
import { joined, mean } from "./numbers.js";
import { Framing, Patching, heard } from "./patching.js";
import { resampling } from "./resample.js";
import { clip } from "./wav.js";

const PIECE = 1 << 15; // samples that are worked on at once, so that the first result comes soon
const FLOOR = 0.005; // added to the peak of a clip that is normalised

/** A signal on its way through a network. */
export class Listening {
  #network;
  #options;
  #onresult;
  #resampling;
  #framing;
  #patching;
  #clip; // samples so far, where they are normalised as a whole
  #blocks = [];
  #arrived; // when the last block came
  #over = false;
  #closed = false;
  #wake = () => {};
  #patches = 0;
  #skipped = 0;

  /**
   * @param {Network} network
   * @param {object} options
   * @param {number} options.sampleRate  In hertz.
   * @param {number} options.hop  In frames.
   * @param {string} options.layer
   * @param {boolean} options.live  Whether a patch is left out when the next one is there already.
   * @param {boolean} options.whole  Whether the audio is normalised as a whole, if the network is
   *   meant for that: then there is no result before its end.
   * @param {(result: Result) => void} onresult
   */
  constructor(network, options, onresult) {
    const { sample_rate: rate, frontend, patch, normalize } = network.meaning;
    this.#network = network;
    this.#options = { ...options, layer: network.layer(options.layer) };
    this.#onresult = onresult;
    this.#resampling = resampling(options.sampleRate, rate);
    this.#framing = new Framing((samples) => network.features(samples), frontend, network.width);
    this.#patching = new Patching(patch.frames, options.hop, network.width);
    this.#clip = normalize && options.whole ? [] : null;
  }

  /** Listen to the next block, of any length. */
  feed(samples) {
    this.#arrived = performance.now();
    this.#blocks.push(samples);
    this.#wake();
  }

  /** Hear that the audio is over. */
  finish() {
    this.#over = true;
    this.#wake();
  }

  /** Say no more. */
  close() {
    this.#closed = true;
    this.#wake();
  }

  /**
   * Work on what comes until all has been said.
   * @throws {RangeError}  Samples are no numbers.
   */
  async run() {
    while (!this.#closed && (this.#blocks.length || !this.#over)) {
      if (this.#blocks.length) await this.#hear(this.#resampling.feed(this.#piece()));
      else await new Promise((resolve) => (this.#wake = resolve));
    }
    if (this.#closed) return;
    await this.#hear(this.#resampling.finish());
    if (this.#clip) await this.#hearClip(normalized(joined(this.#clip)));
    await this.#say(await this.#framing.finish());
  }

  /** The next samples to work on: of live sound all that are there. */
  #piece() {
    if (this.#options.live) this.#blocks = [joined(this.#blocks)];
    const length = this.#options.live ? Infinity : PIECE;
    const piece = this.#blocks[0].subarray(0, length);
    this.#blocks[0] = this.#blocks[0].subarray(piece.length);
    if (!this.#blocks[0].length) this.#blocks.shift();
    if (!piece.every(Number.isFinite)) throw new RangeError("Samples must be finite numbers.");
    return piece.map(clip);
  }

  async #hear(samples) {
    if (this.#clip) this.#clip.push(samples);
    else await this.#say(await this.#framing.feed(samples));
  }

  async #hearClip(samples) {
    for (let start = 0; start < samples.length && !this.#closed; start += PIECE)
      await this.#say(await this.#framing.feed(samples.subarray(start, start + PIECE)));
  }

  async #say(frames) {
    let patches = this.#patching.feed(frames);
    if (this.#options.live && patches.length > 1) {
      this.#skipped += patches.length - 1;
      this.#patches += patches.length - 1;
      patches = patches.slice(-1);
    }
    for (const patch of patches) {
      await breath(); // hears what else is wanted
      if (this.#closed) return;
      const start = performance.now();
      const activations = await this.#network.run(patch, this.#options.layer);
      const end = performance.now();
      this.#onresult({
        time: this.#patches++ * this.#seconds,
        activations,
        heard: heard(patch),
        milliseconds: end - start,
        ...(this.#options.live && { latency: end - this.#arrived, skipped: this.#skipped }),
      });
    }
  }

  /** From a patch to the next one. */
  get #seconds() {
    const { frontend, sample_rate } = this.#network.meaning;
    return (this.#options.hop * frontend.hop) / sample_rate;
  }
}

/** A clip with mean 0 and a peak of nearly 1. */
function normalized(samples) {
  const average = mean(samples);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - average)), 0);
  return samples.map((sample) => (sample - average) / (peak + FLOOR));
}
