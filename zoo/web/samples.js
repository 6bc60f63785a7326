/**
 * Audio as pages have it.
 *
 * @typedef {ArrayLike<number> | AudioBuffer} Audio  Mono samples within ±1, or what the Web Audio
 *   API decoded, whose channels are mixed.
 */

import { mixed } from "./decode.js";

/**
 * Mono samples and their rate.
 * @param {Audio} audio
 * @param {number} [sampleRate]  In hertz; an AudioBuffer knows its own.
 * @returns {Promise<{samples: Float32Array, sampleRate: number}>}
 * @throws {RangeError}  The rate is none.
 */
export async function mono(audio, sampleRate) {
  if ("copyFromChannel" in audio)
    return { samples: await mixed(audio), sampleRate: audio.sampleRate };
  if (!(Number(sampleRate) > 0 && Number(sampleRate) < Infinity))
    throw new RangeError(`The sample rate is ${sampleRate}; it must be a number of hertz.`);
  const samples = audio instanceof Float32Array ? audio : Float32Array.from(audio);
  return { samples, sampleRate: Number(sampleRate) };
}
