/**
 * What tempo, pitch and embeddings are in words.
 *
 * @import { Pitch } from "../pitch.js"
 * @import { Results } from "./results.js"
 */

import { median } from "../numbers.js";
import { note } from "../pitch.js";
import { VOICED } from "./charts/pitch.js";
import { said } from "./results.js";

/**
 * Show what results mean in words, where that is not a matter of classes.
 * @param {HTMLElement} element
 * @param {Results} results
 * @param {number | undefined} patch  One of them, or all together.
 * @returns {boolean}  Whether there are words.
 */
export function showReading(element, results, patch) {
  const [words, more] = read(results, patch);
  element.hidden = !words;
  const small = Object.assign(document.createElement("small"), { textContent: more });
  element.replaceChildren(words ?? "", small);
  return !!words;
}

/**
 * What tempo, pitch and embeddings are in words; nothing of classes, which are bars.
 * @param {Results} results
 * @param {number | undefined} patch
 * @returns {[] | [string, string]}
 */
function read({ decoded, classes, activations }, patch) {
  if (decoded?.tempo) {
    const { bpm, confidence, local, probabilities } = decoded.tempo;
    const value = patch === undefined ? bpm : local[patch];
    const sure = patch === undefined ? confidence : probabilities[patch];
    return value
      ? [`${Math.round(value)} BPM`, `confidence ${said(sure)}`]
      : ["–", "no tempo in silence"];
  }
  if (decoded?.pitch) {
    const { frequencies, confidences } = decoded.pitch;
    const [frequency, heard] =
      patch === undefined
        ? overall(decoded.pitch)
        : [frequencies[patch], confidences[patch] >= VOICED];
    if (!heard) return ["–", "no pitch"];
    const whole = patch === undefined ? ", median" : "";
    return [note(frequency), `${frequency.toFixed(1)} Hz${whole}`];
  }
  if (!classes.length)
    return [
      String(activations[0].length),
      "numbers describe each moment. In the picture any two moments meet: the redder, the more alike.",
    ];
  return [];
}

/**
 * The median of the pitches that are heard, and whether there are any.
 * @param {Pitch} pitch
 * @returns {[number, boolean]}  In hertz.
 */
function overall({ frequencies, confidences }) {
  const pitched = frequencies.filter((_, i) => confidences[i] >= VOICED);
  return [median(pitched), pitched.length > 0];
}
