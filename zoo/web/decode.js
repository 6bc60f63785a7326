/** DecodedAudio files into mono samples, at the file's own sample rate. */

import { yieldToEventLoop } from "./event-loop.js";
import { joined } from "./numbers.js";
import { sniff } from "./sniff.js";
import { readWav, requireWhole } from "./wav.js";

const USUAL = 48000; // hertz, where a file does not say
const LATE = 2; // samples that rounded times cost
const SLICE = 128; // frames of MP3 that are decoded at once: about three seconds
const LEAD = 32; // frames before them, which the first may need: it refers back by 511 bytes at most
const BLOCK = 1 << 18; // samples that are mixed between two yields to the event loop

/**
 * @import { Header } from "./sniff.js"
 *
 * @typedef {object} DecodedAudio
 * @property {Float32Array} samples  Mono, within ±1.
 * @property {number} sampleRate  In hertz.
 */

/**
 * Decode an audio file and mix it down to mono.
 *
 * @param {Blob | ArrayBuffer} file
 * @returns {Promise<DecodedAudio>}
 * @throws {Error}  It is empty, or cut off.
 * @throws {DOMException}  EncodingError: the browser cannot decode it.
 */
export async function decode(file) {
  const bytes = file instanceof ArrayBuffer ? file : await file.arrayBuffer();
  if (!bytes.byteLength) throw new Error("The file is empty.");
  const audio = (await readWav(bytes)) ?? (await decodeInBrowser(bytes));
  if (!audio.samples.length) throw new Error("The file contains no audio.");
  return audio;
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {Promise<DecodedAudio>}
 */
async function decodeInBrowser(bytes) {
  const header = sniff(bytes);
  const context = new OfflineAudioContext(1, 1, header.sampleRate ?? USUAL);
  const { sampleRate } = context;
  const samples =
    (await decodeSlices(context, bytes, header)) ?? (await mixed(await decodePart(context, bytes)));
  requireWhole(samples.length / sampleRate, (header.length ?? 0) / sampleRate);
  return { samples: music(samples, header), sampleRate };
}

/**
 * Decode an MP3 a few seconds at a time: a page stands still while a browser hands samples over.
 *
 * What a decoder makes of a frame depends on some before it, so each slice begins earlier, and
 * what is made of those is left out.
 *
 * @param {BaseAudioContext} context
 * @param {ArrayBuffer} bytes
 * @param {Header} header
 * @returns {Promise<Float32Array | null>}  Null where the frames are not known, or one is missing
 *   in what the browser made of them.
 */
async function decodeSlices(context, bytes, { frames, frame: size = 0 }) {
  if (!frames) return null;
  const count = frames.length - 1;
  const samples = new Float32Array(count * size);
  for (let start = 0; start < count; start += SLICE) {
    const [from, end] = [Math.max(0, start - LEAD), Math.min(count, start + SLICE)];
    const part = decodePart(context, bytes, frames[from], frames[end]);
    const audio = await part.catch(() => null);
    if (audio?.length !== (end - from) * size) return null;
    const decoded = await mixed(audio);
    samples.set(decoded.subarray((start - from) * size), start * size);
  }
  return samples;
}

/**
 * @param {BaseAudioContext} context
 * @param {ArrayBuffer} bytes
 * @param {number} [start]
 * @param {number} [end]
 */
async function decodePart(context, bytes, start, end) {
  try {
    return await context.decodeAudioData(bytes.slice(start, end));
  } catch {
    throw new DOMException("The browser cannot decode this file as audio.", "EncodingError");
  }
}

/**
 * The music, without what its encoder put before and behind it, where the browser left it in.
 *
 * What browsers leave out is at the front, so that what is behind is there as a whole.
 *
 * @param {Float32Array} samples
 * @param {Header} header
 */
function music(samples, { length = samples.length, padding = 0, priming, frame }) {
  if (priming) return inStep(samples, length, priming, frame);
  const start = Math.max(0, samples.length - length - padding);
  return samples.subarray(start, start + length);
}

/**
 * What follows on samples that only a decoder needs: WebKit keeps those of Opus, and one too many
 * of AAC; Firefox leaves out those of raw AAC, which other decoders keep.
 *
 * @param {Float32Array} samples
 * @param {number} length
 * @param {number} priming
 * @param {number} [frame]
 */
function inStep(samples, length, priming, frame) {
  if (samples.length === length) return samples;
  if (samples.length === length + priming) return samples.slice(priming);
  if (samples.length === length - priming) return joined([new Float32Array(priming), samples]);
  const late = frame ? (samples.length + priming) % frame : 0;
  return samples.slice(late <= LATE ? late : 0);
}

/**
 * The mean of the channels.
 * @param {AudioBuffer} audio
 */
export async function mixed(audio) {
  const samples = new Float32Array(audio.length);
  const channel = new Float32Array(Math.min(BLOCK, audio.length));
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
