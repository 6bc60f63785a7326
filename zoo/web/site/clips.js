/**
 * Clips: what models are asked about, and what the visitor hears.
 *
 * @import { DecodedAudio } from "../decode.js"
 *
 * @typedef {DecodedAudio & {name: string, file: Blob}} Clip
 */

import { decode } from "../decode.js";
import { UnreadableError } from "./errors.js";
import { example, wav } from "./example.js";

/**
 * A file of the visitor's.
 * @param {File} file
 * @returns {Promise<Clip>}
 * @throws {UnreadableError}
 */
export async function readClip(file) {
  const audio = await decode(file).catch((error) => {
    throw error.name === "EncodingError" ? new UnreadableError(file.name) : error;
  });
  return { ...audio, name: file.name, file };
}

/** @returns {Promise<Clip>} */
export async function exampleClip() {
  const audio = await example();
  return { ...audio, name: "the example clip", file: wav(audio.samples, audio.sampleRate) };
}
