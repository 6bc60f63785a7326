/**
 * What tempo, pitch and embeddings are in words.
 *
 * @import { Pitch } from "../pitch.js"
 * @import { Results } from "./results.js"
 */

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
    const i = patch ?? middle(decoded.pitch);
    if (i === undefined || confidences[i] < VOICED) return ["–", "no pitch"];
    const whole = patch === undefined ? ", median" : "";
    return [note(frequencies[i]), `${frequencies[i].toFixed(1)} Hz${whole}`];
  }
  if (!classes.length)
    return [
      String(activations[0].length),
      "numbers per patch; dark red where two moments are similar",
    ];
  return [];
}

/**
 * The pitched frame that half of the others are below.
 * @param {Pitch} pitch
 */
function middle({ frequencies, confidences }) {
  const pitched = [...frequencies.keys()].filter((i) => confidences[i] >= VOICED);
  return pitched.sort((a, b) => frequencies[a] - frequencies[b])[pitched.length >> 1];
}
