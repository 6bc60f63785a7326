/** Resampling with the filter of libsamplerate's medium sinc, as Essentia's MonoLoader does. */

import { joined } from "./numbers.js";

// The filter, in numbers of predictors/audio/sinc_medium.py, which says what they are.
const CUTOFF = 0.91906308102;
const PEAK = 0.91906323521;
const BETA = 12.25;
const REACH = 22437.5 / 491; // to each side, in samples of the slower rate

const FURTHEST = 256; // ratio of two sample rates
const BLOCK = 1 << 14; // outputs, after which the phases are computed anew

const STEP = 16 / 491; // of the points of the response that are kept
const POINTS = Float32Array.from({ length: Math.ceil(REACH / STEP) }, (_, i) => sinc(i * STEP));

/**
 * A mono signal on its way from one sample rate to another, in blocks of any length.
 *
 * The outputs are the same however the signal is divided. Each is a sum of inputs, weighted by
 * the filter at their distances, and these distances repeat every few outputs: the phases.
 */
export class Resampling {
  #ratio;
  #phases;
  #step; // inputs from an output to the one of the same phase
  #taps; // inputs that an output is made of
  #weights; // [phases][taps]
  #starts; // for each phase, its first input in this block
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
    const common = divisor(origin, target);
    this.#ratio = Math.fround(target / origin);
    this.#phases = target / common;
    this.#step = origin / common;
    this.#taps = 4 * Math.ceil(REACH / Math.min(1, this.#ratio) / 2);
    this.#weights = new Float32Array(this.#phases * this.#taps);
    this.#starts = new Float64Array(this.#phases);
    this.#held = new Float32Array(this.#taps / 2);
    this.#first = -this.#taps / 2;
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
      const phase = (this.#given - this.#block) % this.#phases;
      const period = (this.#given - this.#block - phase) / this.#phases;
      start = (this.#starts[phase] + period * this.#step - this.#first) | 0; // an integer: faster
      if (start + this.#taps > held.length) break;
      ready[count] = dot(this.#weights, phase * this.#taps, held, start, this.#taps);
    }
    this.#held = held.slice(start);
    this.#first += start;
    return ready.subarray(0, count);
  }

  /**
   * Compute the phases for the next block. The ratio is a float32, as the peer has it, so the
   * outputs drift slowly away from where the phases would repeat: exact is the block's middle.
   */
  #prepare() {
    this.#block = this.#end;
    this.#end += this.#phases * Math.ceil(BLOCK / this.#phases);
    const middle = (this.#block + this.#end) / 2;
    const scale = Math.min(1, this.#ratio);
    for (let phase = 0; phase < this.#phases; phase++) {
      const output = this.#block + phase;
      const place = middle / this.#ratio + ((output - middle) * this.#step) / this.#phases;
      const start = Math.floor(place) - this.#taps / 2 + 1;
      this.#starts[phase] = start;
      for (let i = 0; i < this.#taps; i++)
        this.#weights[phase * this.#taps + i] = scale * response(scale * (start + i - place));
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
 * @param {number} distance
 */
function sinc(distance) {
  if (distance === 0) return PEAK;
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
  for (let k = 1, term = 1; term > 1e-9 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/**
 * The response at a distance from its middle, in samples, by cubic interpolation.
 * @param {number} distance
 */
function response(distance) {
  const place = Math.abs(distance) / STEP;
  const i = Math.floor(place);
  if (i >= POINTS.length) return 0;
  const f = place - i;
  const before = POINTS[Math.abs(i - 1)];
  const [here, next, after] = [POINTS[i], POINTS[i + 1] ?? 0, POINTS[i + 2] ?? 0];
  return (
    ((-f * (f - 1) * (f - 2)) / 6) * before +
    (((f + 1) * (f - 1) * (f - 2)) / 2) * here +
    ((-(f + 1) * f * (f - 2)) / 2) * next +
    (((f + 1) * f * (f - 1)) / 6) * after
  );
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
