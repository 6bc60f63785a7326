/** What the activations of a family mean together. */

import { PITCHES, decodePitch } from "./pitch.js";
import { TEMPI, decodeTempo } from "./tempo.js";

/** For each algorithm: the names of its classes, and what makes sense of their activations. */
export const DECODERS = {
  TempoCNN: { classes: TEMPI, decode: decodeTempo },
  PitchCREPE: { classes: PITCHES, decode: decodePitch },
};
