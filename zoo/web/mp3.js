/** The frames of MPEG audio, and the samples that an encoder adds to the music. */

import { text } from "./wav.js";

const RATES = [44100, 48000, 32000]; // of version 1; halved in version 2, again in 2.5
const HALVINGS = [2, NaN, 1, 0]; // by the two bits of the version
const MP3 = 1; // the layer, by its two bits
const FIRST = 3; // the version, by its two bits
const DELAY = 529; // samples that every decoder of MP3 adds before the first
const ENCODERS = ["LAME", "Lavf", "Lavc"]; // whose numbers of samples are to be relied on

/** @import { Header } from "./sniff.js" */

/**
 * What the first frame says, perhaps after zeros: 11 bits that are set, version, layer, rate.
 * @param {DataView} view
 * @param {number} start
 * @returns {Header}
 */
export function parseMp3(view, start) {
  let at = start;
  while (at + 4 < view.byteLength && !view.getUint8(at)) at++;
  const header = view.getUint32(at);
  const [version, layer, rate, mode] = [19, 17, 10, 6].map((place) => (header >>> place) & 3);
  const valid = header >>> 21 === 0x7ff && version !== 1 && layer && rate < 3;
  if (!valid) return {};
  const sampleRate = RATES[rate] >> HALVINGS[version];
  if (layer !== MP3) return { sampleRate };
  const [stereo, mono] = version === FIRST ? [32, 17] : [17, 9]; // bytes of side information
  const size = version === FIRST ? 1152 : 576; // samples a frame
  return { sampleRate, ...parseInfo(view, at + 4 + (mode === 3 ? mono : stereo), size) };
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
