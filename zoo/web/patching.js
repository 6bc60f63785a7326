/** From a signal that comes in pieces to the features that a network looks at at once. */

import { joined, mean } from "./numbers.js";

const LONGEST = 512; // frames that are computed at once

/**
 * The frames of a signal, as `predictors.frontends.framed` cuts it: frame k is centred on sample
 * k * hop, outside the signal there are zeros, and the last one is centred at its end or after.
 *
 * What computes them frames each piece in the same way. At a piece's ends it meets zeros instead
 * of the samples that are there, so pieces overlap, and those frames are left out.
 */
export class Framing {
  #compute;
  #frame;
  #hop;
  #valid;
  #width;
  #before; // samples that a frame holds before its centre
  #held = new Float32Array(0);
  #start = 0; // the frame that is centred on the first of them
  #given = 0;

  /**
   * @param {(samples: Float32Array) => Promise<Float32Array>} compute  The features of a piece
   *   [frames, width].
   * @param {{frame: number, hop: number, valid: number}} frontend  In samples; `valid` are those
   *   that the last frame must hold before the signal's end.
   * @param {number} width  Values a frame.
   */
  constructor(compute, { frame, hop, valid }, width) {
    this.#compute = compute;
    this.#frame = frame;
    this.#hop = hop;
    this.#valid = valid;
    this.#width = width;
    this.#before = (frame + 1) >> 1;
  }

  /**
   * Take the next samples; return the frames that are whole.
   * @param {Float32Array} samples
   * @returns {Promise<Float32Array>}  [frames, width]
   */
  async feed(samples) {
    this.#held = joined([this.#held, samples]);
    const received = this.#start * this.#hop + this.#held.length;
    const whole = 1 + Math.floor((received - this.#frame + this.#before) / this.#hop);
    const found = [];
    while (this.#given < whole)
      found.push(await this.#next(Math.min(whole, this.#given + LONGEST)));
    return joined(found);
  }

  /**
   * Return the last frames, which reach over the end of the signal.
   * @returns {Promise<Float32Array>}  [frames, width]
   */
  async finish() {
    const received = this.#start * this.#hop + this.#held.length;
    const centred = Math.ceil(received / this.#hop);
    const filled = Math.floor((received + (this.#frame >> 1) - this.#valid) / this.#hop);
    return this.#next(1 + Math.max(0, Math.min(centred, filled)), this.#held.length);
  }

  /**
   * Compute the frames up to `end`.
   * @param {number} end
   */
  async #next(end, length = this.#samples(end)) {
    const features = await this.#compute(this.#held.subarray(0, length));
    const [from, to] = [this.#given - this.#start, end - this.#start];
    this.#given = end;
    this.#forget();
    return features.slice(from * this.#width, to * this.#width);
  }

  /**
   * How many of the held samples the frames before `end` need.
   * @param {number} end
   */
  #samples(end) {
    return (end - 1 - this.#start) * this.#hop + this.#frame - this.#before;
  }

  /** Forget the samples before the next frame. */
  #forget() {
    const start = Math.max(this.#start, this.#given - Math.ceil(this.#before / this.#hop));
    this.#held = this.#held.slice((start - this.#start) * this.#hop);
    this.#start = start;
  }
}

/** Frames put together to patches, `hop` frames apart; what is left at the end is discarded. */
export class Patching {
  #size;
  #hop;
  #width;
  #held = new Float32Array(0);

  /**
   * @param {number} size  Frames a patch.
   * @param {number} hop  In frames.
   * @param {number} width  Values a frame.
   * @throws {RangeError}  The hop is longer than a patch.
   */
  constructor(size, hop, width) {
    if (hop > size)
      throw new RangeError(`A hop of ${hop} frames leaves gaps: a patch has ${size}.`);
    this.#size = size;
    this.#hop = hop;
    this.#width = width;
  }

  /**
   * Take the next frames [frames, width]; return the patches that are whole [size, width].
   * @param {Float32Array} frames
   * @returns {Float32Array[]}
   */
  feed(frames) {
    this.#held = joined([this.#held, frames]);
    const [size, hop] = [this.#size * this.#width, this.#hop * this.#width];
    const patches = [];
    let start = 0;
    for (; start + size <= this.#held.length; start += hop)
      patches.push(this.#held.slice(start, start + size));
    this.#held = this.#held.slice(start);
    return patches;
  }
}

/**
 * Cut a piece into frames, as `Framing` wants it, and bring each to mean 0 and deviation 1.
 * @param {Float32Array} samples
 * @param {{frame: number, hop: number}} frontend
 * @returns {Float32Array}  [frames, frame]; silent frames are zeros
 */
export function standardFrames(samples, { frame, hop }) {
  const count = 1 + Math.ceil(samples.length / hop);
  const padded = new Float32Array((count - 1) * hop + frame + samples.length);
  padded.set(samples, (frame + 1) >> 1);
  const starts = Array.from({ length: count }, (_, k) => k * hop);
  return joined(starts.map((start) => standardized(padded.subarray(start, start + frame))));
}

/** @param {Float32Array} values */
function standardized(values) {
  const average = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
  return values.map((value) => (deviation > 0 ? (value - average) / deviation : 0));
}

/**
 * Whether there is sound in a patch: where patches are standardised, silence has no meaning.
 * @param {Float32Array} patch
 */
export function nonSilent(patch) {
  return patch.some((value) => value !== patch[0]);
}
