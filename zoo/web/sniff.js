/**
 * What the header of an audio file says: a browser decodes to a rate of its choice, and not every
 * one leaves out what an encoder adds to the music.
 */

import { parseMp3 } from "./mp3.js";
import { text } from "./wav.js";

const MP4_ENTRIES = ["mp4a", "alac"];
const OPUS_RATE = 48000;
const AAC_FRAME = 1024; // samples
const ADTS_RATES = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

/**
 * @typedef {object} Header  What is not known is undefined.
 * @property {number} [sampleRate]  In hertz.
 * @property {number} [length]  Samples of the music.
 * @property {number} [padding]  Samples that the encoder put behind it,
 * @property {number} [priming]  Samples before it that a decoder needs, and leaves out.
 * @property {number} [frame]  Samples a frame.
 * @property {number[]} [frames]  Where those of an MP3 begin, and where the last one ends, without
 *   one that tells of the others. Undefined if they do not follow each other.
 */

/**
 * @param {ArrayBuffer} bytes
 * @returns {Header}
 */
export function sniff(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 64) return {};
  const start = afterTag(view);
  if (start + 64 > view.byteLength) return {};
  if (text(view, start) === "fLaC") return flac(view, start + 8);
  if (text(view, start) === "OggS") return ogg(view, start);
  if (text(view, start + 4) === "ftyp") return mp4(view);
  if (text(view, start) === "FORM") return aiff(view, start);
  return adts(view, start) ?? parseMp3(view, start);
}

/**
 * Where the audio begins: after an ID3 tag, whose size has 7 bits a byte.
 * @param {DataView} view
 */
function afterTag(view) {
  if (text(view, 0).slice(0, 3) !== "ID3") return 0;
  let size = 0;
  for (let at = 6; at < 10; at++) size = size * 128 + view.getUint8(at);
  return 10 + size;
}

/**
 * STREAMINFO holds the rate in 20 bits, and the length in 36.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header}
 */
function flac(view, start) {
  const length = (view.getUint8(start + 13) & 15) * 2 ** 32 + view.getUint32(start + 14);
  return { sampleRate: view.getUint32(start + 10) >>> 12, length: length || undefined };
}

/**
 * The last page of Opus says where the music ends, if the first one does not begin elsewhere.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header}
 */
function ogg(view, start) {
  const packet = start + 27 + view.getUint8(start + 26);
  if (text(view, packet + 1) === "vorb") return { sampleRate: view.getUint32(packet + 12, true) };
  if (text(view, packet) !== "Opus") return {};
  const positions = Array.from(pages(view, start), (at) =>
    Number(view.getBigInt64(at + 6, true)),
  ).filter((position) => position > 0);
  if (!(positions[0] < OPUS_RATE)) return { sampleRate: OPUS_RATE };
  const priming = view.getUint16(packet + 10, true);
  return { sampleRate: OPUS_RATE, length: positions[positions.length - 1] - priming, priming };
}

/**
 * Where the pages of an Ogg file are.
 * @param {DataView} view
 * @param {number} start
 */
function* pages(view, start) {
  for (let at = start; at + 27 < view.byteLength && text(view, at) === "OggS";) {
    yield at;
    const count = view.getUint8(at + 26);
    if (at + 27 + count > view.byteLength) return;
    const table = at + 27;
    at = table + count;
    for (let i = 0; i < count; i++) at += view.getUint8(table + i);
  }
}

/**
 * The common chunk of AIFF holds the rate as a number of 80 bits, of which 32 do.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header}
 */
function aiff(view, start) {
  const at = find(view, "COMM", start);
  if (at === undefined) return {};
  return { sampleRate: view.getUint32(at + 18) / 2 ** (16414 - view.getUint16(at + 16)) };
}

/**
 * The sample entry of MP4 holds the rate as a fixed-point number. Where the edit list leaves frames
 * out at the front, those are the encoder's.
 * @param {DataView} view
 * @returns {Header}
 */
function mp4(view) {
  for (const entry of MP4_ENTRIES) {
    let at = find(view, entry, 0);
    while (at !== undefined && !view.getUint16(at + 28)) at = find(view, entry, at + 1);
    if (at !== undefined) return { sampleRate: view.getUint16(at + 28), ...edited(view) };
  }
  return {};
}

/**
 * @param {DataView} view
 * @returns {Header}
 */
function edited(view) {
  const media = find(view, "mdhd", 0);
  const list = find(view, "elst", 0);
  // As most files are: of the first version, and with one entry.
  if (media === undefined || list === undefined) return {};
  if (view.getUint32(media + 4) || view.getUint32(list + 4) || view.getUint32(list + 8) !== 1)
    return {};
  const priming = view.getInt32(list + 16);
  const length = view.getUint32(media + 20) - priming;
  return priming > 0 ? { length, priming, frame: AAC_FRAME } : {};
}

/**
 * Raw AAC: the length of each frame stands in its header.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header | undefined}
 */
function adts(view, start) {
  const isFrame = (/** @type {number} */ at) => (view.getUint16(at) & 0xfff6) === 0xfff0;
  if (!isFrame(start)) return undefined;
  let length = 0;
  for (let at = start; at + 7 <= view.byteLength && isFrame(at); length += AAC_FRAME)
    at += Math.max(7, (view.getUint32(at + 3) >>> 13) & 0x1fff);
  const sampleRate = ADTS_RATES[(view.getUint8(start + 2) >> 2) & 15];
  return { sampleRate, length, priming: AAC_FRAME, frame: AAC_FRAME };
}

/**
 * Where four characters are.
 * @param {DataView} view
 * @param {string} name
 * @param {number} from
 */
function find(view, name, from) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength - 30);
  const next = (/** @type {number} */ after) => bytes.indexOf(name.charCodeAt(0), after);
  for (let at = next(from); at >= 0; at = next(at + 1)) if (text(view, at) === name) return at;
  return undefined;
}
