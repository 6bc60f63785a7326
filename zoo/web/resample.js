/** Resampling with the filter of libsamplerate's medium sinc, as Essentia's MonoLoader does. */

import { joined } from "./numbers.js";

// The filter, in numbers of predictors/audio/sinc_medium.py, which says what they are.
const CUTOFF = 0.91906308102;
const PEAK = 0.91906323521;
const BETA = 12.25;
const REACH = 22437.5 / 491; // to each side, in samples of the slower rate

const PHASES = 491; // points of the table for a sample of the slower rate: between, it goes straight
const PARTS = 1 << 12; // into which the library divides a phase

const FURTHEST = 256; // ratio of two sample rates
const SLIGHT = 0.1; // drift in phases, over which weights change in proportion

/** @type {Float32Array | undefined} The response at each phase, and three zeros. */
let table;

/**
 * A mono signal on its way from one sample rate to another, in blocks of any length.
 *
 * The outputs are the same however the signal is divided. Each is a sum of inputs, weighted by
 * the filter at their distances, and these distances repeat every few outputs: a period. But the
 * ratio is a float32, as the library has it, so that each period lies a little further than the
 * one before: weights go from those at the beginning of a block of periods to those at its end.
 */
export class Resampling {
  #ratio;
  #scale; // the slower rate as a part of the inputs'
  #parts; // of a phase, from one input to the next
  #outputs; // of a period
  #inputs; // of a period
  #drift; // of a period from the one before, in parts
  #periods; // in a block
  #half; // inputs to each side of an output
  #taps; // inputs that an output is made of, and some more
  #weights; // of the inputs of a period's outputs, at the block's beginning [outputs][taps]
  #later; // and at its end; none if they stay
  #starts; // for each output of the block's first period, its first input
  #behind; // and how far it lies behind the input before it, in parts
  #block = 0; // the first output of this block
  #end = 0; // the first output of the next
  #held; // inputs that are still needed
  #first; // which input the first of them is
  #taken = 0;
  #given = 0;

  /**
   * @param {number} origin  In hertz.
   * @param {number} target  In hertz.
   * @throws {RangeError}  The rates are too far apart.
   */
  constructor(origin, target) {
    if (Math.max(origin, target) > FURTHEST * Math.min(origin, target))
      throw new RangeError(`Audio at ${origin} Hz cannot be resampled to ${target} Hz.`);
    table ??= Float32Array.from({ length: Math.ceil(REACH * PHASES) + 3 }, (_, i) =>
      response(i / PHASES),
    );
    const common = divisor(origin, target);
    this.#ratio = Math.fround(target / origin);
    this.#scale = Math.min(1, this.#ratio);
    this.#parts = this.#scale * PHASES * PARTS;
    this.#outputs = target / common;
    this.#inputs = origin / common;
    this.#drift = (this.#outputs / this.#ratio - this.#inputs) * this.#parts;
    this.#periods = Math.max(1, Math.floor((SLIGHT * PARTS) / Math.abs(this.#drift)));
    this.#half = Math.ceil(REACH / this.#scale);
    this.#taps = 4 * Math.ceil((2 * this.#half + 3) / 4);
    const size = this.#outputs * this.#taps;
    this.#weights = new Float32Array(size);
    this.#later = new Float32Array(this.#drift && this.#periods > 1 ? size : 0);
    this.#starts = new Float64Array(this.#outputs).fill(NaN);
    this.#behind = new Float64Array(this.#outputs);
    this.#held = new Float32Array(this.#half + 2);
    this.#first = -this.#held.length;
  }

  /**
   * Take the next samples; return those that are ready.
   * @param {Float32Array} samples
   * @returns {Float32Array}
   */
  feed(samples) {
    this.#taken += samples.length;
    return this.#push(samples);
  }

  /**
   * Return what was held back until the end of the signal.
   * @returns {Float32Array}
   */
  finish() {
    const length = Math.ceil(this.#taken * this.#ratio) - 1; // the peer drops the last one
    const missing = Math.max(0, length - this.#given);
    return this.#push(new Float32Array(this.#taps)).subarray(0, missing);
  }

  /** @param {Float32Array} samples */
  #push(samples) {
    const held = joined([this.#held, samples]);
    const ready = new Float32Array(Math.ceil(held.length * this.#ratio) + 1);
    let count = 0;
    let start;
    for (; ; count++, this.#given++) {
      if (this.#given === this.#end) this.#prepare();
      const place = (this.#given - this.#block) % this.#outputs;
      const period = (this.#given - this.#block - place) / this.#outputs;
      const first = this.#starts[place] + period * this.#inputs;
      start = (first - this.#first) | 0; // integers: faster
      if (start + this.#taps > held.length) break;
      const row = (place * this.#taps) | 0;
      ready[count] = this.#later.length
        ? this.#between(row, held, start, this.#passed(first, this.#behind[place]))
        : dot(this.#weights, row, held, start, this.#taps);
    }
    this.#held = held.slice(start);
    this.#first += start;
    return ready.subarray(0, count);
  }

  /**
   * How far the next output is on the way from the weights of this block to those of the next.
   * The library rounds its place to a part of a phase.
   * @param {number} start  Its first input.
   * @param {number} behind  What it was in the block's first period.
   */
  #passed(start, behind) {
    const place = this.#given / this.#ratio;
    const before = Math.floor(place);
    const now = Math.round((place - before) * this.#parts);
    const moved = (before - this.#half - 1 - start) * this.#parts + now - behind;
    return moved / (this.#periods * this.#drift);
  }

  /**
   * As `dot`, with weights on their way from the block's beginning to its end.
   * @param {number} row
   * @param {Float32Array} samples
   * @param {number} start
   * @param {number} share  How far they are.
   */
  #between(row, samples, start, share) {
    const [weights, later, count] = [this.#weights, this.#later, this.#taps];
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < count; i += 2) {
      const here = samples[start + i];
      const next = samples[start + i + 1];
      a += weights[row + i] * here;
      b += later[row + i] * here;
      c += weights[row + i + 1] * next;
      d += later[row + i + 1] * next;
    }
    return (1 - share) * (a + c) + share * (b + d);
  }

  /** Compute the weights of the next block. */
  #prepare() {
    const passed = (this.#end - this.#block) / this.#outputs;
    const drift = this.#periods * this.#drift;
    this.#block = this.#end;
    this.#end = drift ? this.#block + this.#periods * this.#outputs : Infinity;
    for (let i = 0; i < this.#outputs; i++) {
      const place = (this.#block + i) / this.#ratio;
      const before = Math.floor(place);
      const behind = (place - before) * this.#parts;
      const start = before - this.#half - 1;
      const isNew = start !== this.#starts[i] + passed * this.#inputs;
      this.#starts[i] = start;
      this.#behind[i] = behind;
      const [from, to] = [i * this.#taps, (i + 1) * this.#taps];
      if (!this.#later.length) this.#weigh(this.#weights.subarray(from, to), Math.round(behind));
      else {
        const later = this.#later.subarray(from, to);
        if (isNew) this.#weigh(this.#weights.subarray(from, to), behind);
        else this.#weights.set(later, from);
        this.#weigh(later, behind + drift);
      }
    }
  }

  /**
   * Weigh inputs by their distances from an output, as the library does: from one to the next it
   * goes by whole parts of a phase.
   * @param {Float32Array} weights
   * @param {number} behind  In parts, from the input before the output.
   */
  #weigh(weights, behind) {
    const points = /** @type {Float32Array} */ (table);
    const [scale, last, between] = [this.#scale, points.length - 2, Math.round(this.#parts)];
    const before = (this.#half + 1) * between + behind;
    for (let i = 0; i < weights.length; i++) {
      const distance = Math.abs(before - i * between) / PARTS;
      const point = Math.min(distance | 0, last);
      const here = points[point];
      weights[i] = scale * (here + (distance - point) * (points[point + 1] - here));
    }
  }
}

/** A signal that has the wanted rate already. */
class Unchanged {
  /** @param {Float32Array} samples */
  feed(samples) {
    return samples;
  }

  finish() {
    return new Float32Array(0);
  }
}

/**
 * Begin to resample a signal; see `Resampling`.
 *
 * @param {number} origin  In hertz.
 * @param {number} target  In hertz.
 * @returns {Resampling | Unchanged}
 */
export function resampling(origin, target) {
  return origin === target ? new Unchanged() : new Resampling(origin, target);
}

/**
 * Resample a whole signal.
 *
 * @param {Float32Array} samples  Mono.
 * @param {number} origin  In hertz.
 * @param {number} target  In hertz.
 * @returns {Float32Array}
 */
export function resample(samples, origin, target) {
  const signal = resampling(origin, target);
  return joined([signal.feed(samples), signal.finish()]);
}

/**
 * The sum of products of some weights and samples. It keeps four sums, so that a processor need
 * not wait for one addition to begin the next.
 * @param {Float32Array} weights
 * @param {number} row
 * @param {Float32Array} samples
 * @param {number} start
 * @param {number} count
 */
function dot(weights, row, samples, start, count) {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < count; i += 4) {
    a += weights[row + i] * samples[start + i];
    b += weights[row + i + 1] * samples[start + i + 1];
    c += weights[row + i + 2] * samples[start + i + 2];
    d += weights[row + i + 3] * samples[start + i + 3];
  }
  return a + b + c + d;
}

/**
 * The response of the filter at a distance from its middle: a sinc in a Kaiser window.
 * @param {number} distance  In samples of the slower rate.
 */
function response(distance) {
  if (distance === 0) return PEAK;
  if (distance >= REACH) return 0;
  const angle = Math.PI * CUTOFF * distance;
  const window = bessel(BETA * Math.sqrt(1 - (distance / REACH) ** 2)) / bessel(BETA);
  return ((PEAK * Math.sin(angle)) / angle) * window;
}

/**
 * The modified Bessel function of the first kind, of order 0, by its series.
 * @param {number} x
 */
function bessel(x) {
  let sum = 1;
  for (let k = 1, term = 1; term > 1e-17 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/**
 * The greatest common divisor.
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function divisor(a, b) {
  return b ? divisor(b, a % b) : a;
}
