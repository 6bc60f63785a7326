/** DecodedAudio files into mono samples, at the file's own sample rate. */

import { yieldToEventLoop } from "./event-loop.js";
import { sniffSampleRate } from "./sniff.js";
import { readWav } from "./wav.js";

const USUAL = 48000; // hertz, where a file does not say
const BLOCK = 1 << 18; // samples that are mixed between two yields to the event loop

/**
 * @typedef {object} DecodedAudio
 * @property {Float32Array} samples  Mono, within ±1.
 * @property {number} sampleRate  In hertz.
 */

/**
 * Decode an audio file and mix it down to mono.
 *
 * @param {Blob | ArrayBuffer} file
 * @returns {Promise<DecodedAudio>}
 * @throws {Error}  It is empty, or the browser cannot decode it.
 */
export async function decode(file) {
  const bytes = file instanceof ArrayBuffer ? file : await file.arrayBuffer();
  const audio = (await readWav(bytes)) ?? (await decodeInBrowser(bytes));
  if (!audio.samples.length) throw new Error("The file contains no audio.");
  return audio;
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {Promise<DecodedAudio>}
 */
async function decodeInBrowser(bytes) {
  let audio;
  try {
    const context = new OfflineAudioContext(1, 1, sniffSampleRate(bytes) ?? USUAL);
    audio = await context.decodeAudioData(bytes.slice(0));
  } catch (error) {
    throw new Error("The browser cannot decode this file as audio.", { cause: error });
  }
  return { samples: await mixed(audio), sampleRate: audio.sampleRate };
}

/**
 * The mean of the channels.
 * @param {AudioBuffer} audio
 */
async function mixed(audio) {
  const samples = new Float32Array(audio.length);
  const channel = new Float32Array(BLOCK);
  for (let start = 0; start < audio.length; start += BLOCK) {
    const block = samples.subarray(start, start + BLOCK);
    for (let i = 0; i < audio.numberOfChannels; i++) {
      audio.copyFromChannel(channel, i, start);
      for (let k = 0; k < block.length; k++) block[k] += channel[k] / audio.numberOfChannels;
    }
    await yieldToEventLoop();
  }
  return samples;
}
