/** What the activations of a family mean together. */

/**
 * @import { Pitch } from "./pitch.js"
 * @import { Result } from "./prediction.js"
 * @import { Tempo } from "./tempo.js"
 *
 * @typedef {object} Decoded  What activations mean together, by the model's family.
 * @property {Tempo} [tempo]
 * @property {Pitch} [pitch]
 */

import { PITCHES, decodePitch } from "./pitch.js";
import { TEMPI, decodeTempo } from "./tempo.js";

/**
 * For each algorithm: the names of its classes, and what makes sense of their activations.
 * @type {Record<string, {
 *   classes: string[],
 *   decode: (activations: Float32Array[], nonSilent: boolean[]) => Decoded,
 * }>}
 */
const DECODERS = {
  TempoCNN: { classes: TEMPI, decode: decodeTempo },
  PitchCREPE: { classes: PITCHES, decode: decodePitch },
};

/**
 * The names of a family's classes, where an algorithm implies them.
 * @param {string} algorithm
 * @returns {string[]}
 */
export function impliedClasses(algorithm) {
  return DECODERS[algorithm]?.classes ?? [];
}

/**
 * What the activations of some patches mean together.
 *
 * @param {string} algorithm  Of the model's family.
 * @param {Pick<Result, "activations" | "nonSilent">[]} results
 * @returns {Decoded | undefined}  Undefined where the family has no decoder, or where the layer is
 *   another than the one that it reads, as its width tells.
 */
export function decode(algorithm, results) {
  const decoder = DECODERS[algorithm];
  if (decoder?.classes.length !== results[0]?.activations.length) return undefined;
  return decoder?.decode(
    results.map(({ activations }) => activations),
    results.map(({ nonSilent }) => nonSilent),
  );
}
