/** The frames of MPEG audio, and the samples that an encoder adds to the music. */

import { text } from "./wav.js";

const RATES = [44100, 48000, 32000]; // of version 1; halved in version 2, again in 2.5
const HALVINGS = [2, NaN, 1, 0]; // by the two bits of the version
const BITRATES = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]; // kbit/s
const BITRATES_FIRST = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]; // version 1
const MP3 = 1; // the layer, by its two bits
const FIRST = 3; // the version, by its two bits
const DELAY = 529; // samples that every decoder of MP3 adds before the first
const TAG = 128; // bytes of an ID3 tag at the end
const ENCODERS = ["LAME", "Lavf", "Lavc"]; // whose numbers of samples are to be relied on

/**
 * @import { Header } from "./sniff.js"
 *
 * @typedef {object} Frame
 * @property {number} sampleRate  In hertz.
 * @property {boolean} isMp3  Whether it is of the third layer, as all that follows.
 * @property {number} size  In samples.
 * @property {number} bytes  Its length; NaN where the header does not say.
 * @property {number} data  Where its data begin, behind the side information.
 * @property {string} kind  What all frames of a file have in common.
 */

/**
 * What the first frame says, perhaps after zeros.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header}
 */
export function parseMp3(view, start) {
  let at = start;
  while (at + 4 < view.byteLength && !view.getUint8(at)) at++;
  const first = parseFrame(view, at);
  if (!first || at + 64 > view.byteLength) return {};
  const { sampleRate, isMp3, size, bytes, data, kind } = first;
  if (!isMp3) return { sampleRate };
  const isInfo = ["Xing", "Info"].includes(text(view, data)) || text(view, at + 36) === "VBRI";
  const frames = framesFrom(view, isInfo ? at + bytes : at, kind);
  return { sampleRate, frame: size, frames, ...parseInfo(view, data, size) };
}

/**
 * A header of MPEG audio: 11 bits that are set, then version, layer, bitrate, rate and so on.
 * @param {DataView} view
 * @param {number} at
 * @returns {Frame | null}
 */
function parseFrame(view, at) {
  if (!(at + 4 <= view.byteLength)) return null;
  const header = view.getUint32(at);
  const [version, layer, rate, mode] = [19, 17, 10, 6].map((place) => (header >>> place) & 3);
  if (header >>> 21 !== 0x7ff || version === 1 || !layer || rate === 3) return null;
  const isMono = mode === 3;
  const sampleRate = RATES[rate] >> HALVINGS[version];
  const [size, bitrates] = version === FIRST ? [1152, BITRATES_FIRST] : [576, BITRATES];
  const bitrate = bitrates[((header >>> 12) & 15) - 1] ?? NaN;
  const bytes = Math.floor((size * bitrate * 125) / sampleRate) + ((header >>> 9) & 1);
  const [stereo, mono] = version === FIRST ? [32, 17] : [17, 9]; // bytes of side information
  const data = at + 4 + (isMono ? mono : stereo);
  const kind = [version, layer, rate, isMono].join();
  return { sampleRate, isMp3: layer === MP3, size, bytes, data, kind };
}

/**
 * Where frames begin, and where the last one ends.
 * @param {DataView} view
 * @param {number} start
 * @param {string} kind
 * @returns {number[] | undefined}  Undefined if they are not all of one kind, one behind the other
 *   up to the end or an ID3 tag.
 */
function framesFrom(view, start, kind) {
  const found = [start];
  let at = start;
  for (let frame; (frame = parseFrame(view, at)); found.push(at)) {
    if (frame.kind !== kind) return undefined;
    at += frame.bytes;
  }
  const rest = view.byteLength - at;
  const isWhole = !rest || (rest === TAG && text(view, at).startsWith("TAG"));
  return isWhole && found.length > 1 ? found : undefined;
}

/**
 * How long the music is, which the encoder writes into a frame of its own (Xing, LAME).
 * @param {DataView} view
 * @param {number} start
 * @param {number} size  Samples a frame.
 * @returns {Header}
 */
function parseInfo(view, start, size) {
  if (start + 160 > view.byteLength || !["Xing", "Info"].includes(text(view, start))) return {};
  const flags = view.getUint32(start + 4);
  if (!(flags & 1)) return {};
  const coded = view.getUint32(start + 8) * size;
  const skipped = [4, 4, 100, 4].filter((_, bit) => flags & (1 << bit));
  const encoder = start + 8 + skipped.reduce((sum, bytes) => sum + bytes, 0);
  if (!ENCODERS.includes(text(view, encoder))) return { length: coded };
  const before = (view.getUint16(encoder + 21) >> 4) + DELAY;
  const padding = Math.max(0, (view.getUint16(encoder + 22) & 0xfff) - DELAY);
  return { length: coded - before - padding, padding };
}
