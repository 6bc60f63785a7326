/** The example clip: a plucked arpeggio over bass and drums, synthesised here. */

import { yieldToEventLoop } from "../event-loop.js";

const RATE = 44100;
const BEAT = 60 / 112; // seconds
const CHORDS = [
  [45, 57, 60, 64],
  [41, 57, 60, 65],
  [48, 55, 60, 64],
  [43, 55, 59, 62],
]; // MIDI notes

/** @param {number} note */
const hertz = (note) => 440 * 2 ** ((note - 69) / 12);

/**
 * A sound that a function of time gives.
 * @param {number} seconds
 * @param {(time: number) => number} at
 */
function sound(seconds, at) {
  const samples = new Float32Array(seconds * RATE);
  for (let i = 0; i < samples.length; i++) samples[i] = at(i / RATE);
  return samples;
}

/**
 * Noise within ±1 that is the same every time (Park and Miller, 1988).
 * @param {number} state
 */
function noise(state) {
  return () => ((state = (state * 16807) % 2147483647) / 2147483647) * 2 - 1;
}

/**
 * A string: noise in a loop that a two-point average damps (Karplus and Strong, 1983).
 * @param {number} note
 * @param {number} seconds
 * @param {() => number} random
 */
function pluck(note, seconds, random) {
  const period = Math.round(RATE / hertz(note));
  const samples = new Float32Array(seconds * RATE);
  for (let i = 0; i < period; i++) samples[i] = random();
  for (let i = period; i < samples.length; i++)
    samples[i] = 0.498 * (samples[i - period] + samples[Math.max(0, i - period - 1)]);
  return samples;
}

/**
 * @param {number} note
 * @param {number} seconds
 */
function bass(note, seconds) {
  const turn = 2 * Math.PI * hertz(note);
  return sound(seconds, (time) => {
    const tone =
      Math.sin(turn * time) + Math.sin(2 * turn * time) / 4 + Math.sin(3 * turn * time) / 9;
    return tone * Math.exp(-3 * time);
  });
}

function kick() {
  return sound(0.25, (time) => {
    const turns = 45 * time + 6 * (1 - Math.exp(-30 * time));
    return Math.sin(2 * Math.PI * turns) * Math.exp(-14 * time);
  });
}

/** @param {() => number} random */
function hihat(random) {
  return sound(0.06, (time) => 0.4 * random() * Math.exp(-70 * time));
}

/** @param {() => number} random */
function snare(random) {
  const tone = (/** @type {number} */ time) => 0.7 * random() + Math.sin(2 * Math.PI * 190 * time);
  return sound(0.2, (time) => tone(time) * Math.exp(-18 * time));
}

/** Each sound is made once. */
function instruments() {
  const random = noise(1983);
  /** @type {Map<string, Float32Array>} */
  const made = new Map();
  const once = (/** @type {string} */ name, /** @type {() => Float32Array} */ make) => {
    const samples = made.get(name) ?? make();
    made.set(name, samples);
    return samples;
  };
  return {
    bass: (/** @type {number} */ note) => once(`bass ${note}`, () => bass(note, 0.5)),
    pluck: (/** @type {number} */ note) => once(`pluck ${note}`, () => pluck(note, 1.2, random)),
    kick: () => once("kick", kick),
    snare: () => once("snare", () => snare(random)),
    hihat: () => once("hihat", () => hihat(random)),
  };
}

/**
 * Play the clip into an array.
 *
 * @param {number} [seconds]
 * @returns {Promise<{samples: Float32Array, sampleRate: number}>}  Mono, within ±1.
 */
export async function example(seconds = 15) {
  const { bass, pluck, kick, snare, hihat } = instruments();
  const samples = new Float32Array(seconds * RATE);
  /**
   * @param {Float32Array} what
   * @param {number} beat
   * @param {number} gain
   */
  const place = (what, beat, gain) => {
    const start = Math.round(beat * BEAT * RATE);
    const end = Math.min(what.length, samples.length - start);
    for (let i = 0; i < end; i++) samples[start + i] += gain * what[i];
  };
  for (let beat = 0; beat < Math.floor(seconds / BEAT); beat++) {
    await yieldToEventLoop();
    const [root, ...chord] = CHORDS[Math.floor(beat / 4) % CHORDS.length];
    const even = beat % 2 === 0;
    place(bass(root - 12), beat, 0.35);
    place(even ? kick() : snare(), beat, even ? 0.6 : 0.3);
    for (const half of [0, 1]) {
      place(hihat(), beat + half / 2, 0.15);
      place(pluck(chord[(2 * beat + half) % 3]), beat + half / 2, 0.3);
    }
  }
  await yieldToEventLoop();
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  for (let i = 0; i < samples.length; i++) samples[i] *= 0.9 / peak;
  return { samples, sampleRate: RATE };
}

/**
 * A WAV file of 16 bits.
 * @param {Float32Array} samples
 * @param {number} sampleRate  In hertz.
 */
export function wav(samples, sampleRate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (/** @type {number} */ at, /** @type {string} */ letters) =>
    [...letters].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => view.setInt16(44 + 2 * i, Math.round(32767 * sample), true));
  return new Blob([view], { type: "audio/wav" });
}
