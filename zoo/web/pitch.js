/** Pitch from the activations of CREPE, decoded as Essentia's PitchCREPE does. */

import { strongest } from "./numbers.js";

const NEIGHBOURS = 4; // classes on each side of the strongest that are averaged with it
const NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/** What each class means, in cents above 10 Hz. */
const CENTS = Array.from({ length: 360 }, (_, i) => 1997.3794084376191 + i * (7180 / 359));

/** @param {number} cents */
const hertz = (cents) => 10 * 2 ** (cents / 1200);

/** What each class means. */
export const PITCHES = CENTS.map((cents) => `${hertz(cents).toFixed(1)} Hz`);

/**
 * @typedef {object} Pitch  Of each frame; 0 where it is silent.
 * @property {number[]} frequencies  In hertz.
 * @property {number[]} confidences  From 0 to 1.
 */

/**
 * Average the cents around the strongest class of each frame.
 *
 * @param {Float32Array[]} activations
 * @param {boolean[]} nonSilent  Where the audio is not silent.
 * @returns {{pitch: Pitch}}
 */
export function decodePitch(activations, nonSilent) {
  const frames = activations.map((row, i) => (nonSilent[i] ? pitch(row) : [0, 0]));
  return {
    pitch: {
      frequencies: frames.map(([frequency]) => frequency),
      confidences: frames.map(([, confidence]) => confidence),
    },
  };
}

/** @param {Float32Array} row */
function pitch(row) {
  const centre = strongest(row);
  let total = 0;
  let cents = 0;
  for (let i = Math.max(0, centre - NEIGHBOURS); i <= centre + NEIGHBOURS && i < row.length; i++) {
    total += row[i];
    cents += row[i] * CENTS[i];
  }
  return total > 0 ? [hertz(cents / total), row[centre]] : [0, 0];
}

/**
 * The name of the nearest note of the equal temperament, A4 at 440 Hz.
 * @param {number} frequency  In hertz.
 */
export function note(frequency) {
  const number = Math.round(69 + 12 * Math.log2(frequency / 440));
  return `${NOTES[number % 12]}${Math.floor(number / 12) - 1}`;
}
