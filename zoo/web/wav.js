/** WAV files: read here, so that no browser resamples or dithers them. */

/** @import { DecodedAudio } from "./decode.js" */

import { yieldToEventLoop } from "./event-loop.js";

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const PIPED = 1 << 16; // bytes below 0, 2 or 4 GiB that the header of a pipe says at most
const BLOCK = 1 << 16; // samples that are read between two yields to the event loop

/**
 * For each format and number of bits: how to read a sample at an offset.
 * @type {Record<string, (view: DataView, at: number) => number>}
 */
const READERS = {
  [`${PCM}/8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${PCM}/16`]: (view, at) => view.getInt16(at, true) / 32768,
  [`${PCM}/24`]: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608,
  [`${PCM}/32`]: (view, at) => view.getInt32(at, true) / 2147483648,
  [`${FLOAT}/32`]: (view, at) => view.getFloat32(at, true),
  [`${FLOAT}/64`]: (view, at) => view.getFloat64(at, true),
};

/**
 * Read a WAV file and mix it down to mono.
 *
 * @param {ArrayBuffer} bytes
 * @returns {Promise<DecodedAudio | null>}  Null where it is no WAV file, or of a kind that is left to the
 *   browser.
 * @throws {Error}  It is cut off.
 */
export async function readWav(bytes) {
  const header = parseHeader(new DataView(bytes));
  const read = header && READERS[`${header.format}/${header.bits}`];
  if (!read) return null;
  const { channels, sampleRate, start, size: said } = header;
  const isPiped = (said + PIPED) % 2 ** 31 <= PIPED;
  const length = Math.min(isPiped ? Infinity : said, bytes.byteLength - start);
  const size = header.bits / 8;
  const seconds = (/** @type {number} */ long) => long / (size * channels * sampleRate);
  if (!isPiped) requireWhole(seconds(length), seconds(said));
  const view = new DataView(bytes, start, length);
  const samples = new Float32Array(Math.floor(length / (size * channels)));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += read(view, (i * channels + channel) * size);
    samples[i] = sum / channels;
    if (i % BLOCK === BLOCK - 1) await yieldToEventLoop();
  }
  return { samples, sampleRate };
}

/**
 * What the chunks of a RIFF file say; null where it is none or lacks one.
 * @param {DataView} view
 */
function parseHeader(view) {
  if (view.byteLength < 12 || text(view, 0) !== "RIFF" || text(view, 8) !== "WAVE") return null;
  let told = null;
  for (let at = 12; at + 8 <= view.byteLength;) {
    const name = text(view, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === "fmt " && start + 16 <= view.byteLength) told = parseFormat(view, start, size);
    if (name === "data" && told) return { ...told, start, size };
    at = start + size + (size % 2);
  }
  return null;
}

/**
 * @param {DataView} view
 * @param {number} start
 * @param {number} size
 */
function parseFormat(view, start, size) {
  const tag = view.getUint16(start, true);
  return {
    format: tag === EXTENSIBLE && size >= 26 ? view.getUint16(start + 24, true) : tag,
    channels: view.getUint16(start + 2, true),
    sampleRate: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  };
}

/**
 * Refuse a file that lacks more than a second of what its header says.
 * @param {number} found  In seconds.
 * @param {number} said  In seconds.
 * @throws {Error}
 */
export function requireWhole(found, said) {
  if (said - found <= 1) return;
  const [long, short] = [said, found].map((seconds) => seconds.toFixed(1));
  throw new Error(
    `The file is damaged or cut off: its header says that it lasts ${long} s, and ${short} s are there.`,
  );
}

/**
 * Four characters.
 * @param {DataView} view
 * @param {number} at
 */
export function text(view, at) {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
}
