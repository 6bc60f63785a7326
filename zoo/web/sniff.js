/** The sample rate of an audio file, from its header: a browser decodes to a rate of its choice. */

import { text } from "./wav.js";

const MP3_RATES = [44100, 48000, 32000]; // of version 1; halved in version 2, again in 2.5
const MP3_HALVINGS = [2, NaN, 1, 0]; // by the two bits of the version

/**
 * @param {ArrayBuffer} bytes
 * @returns {number | undefined}  In hertz; undefined where it is not known.
 */
export function sniffSampleRate(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 64) return undefined;
  const start = afterTag(view);
  if (start + 64 > view.byteLength) return undefined;
  if (text(view, start) === "fLaC") return flac(view, start + 8);
  if (text(view, start) === "OggS") return ogg(view, start);
  if (text(view, start + 4) === "ftyp") return mp4(view);
  return mp3(view, start);
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
 * STREAMINFO holds the rate in 20 bits.
 * @param {DataView} view
 * @param {number} start
 */
function flac(view, start) {
  return view.getUint32(start + 10) >>> 12;
}

/**
 * @param {DataView} view
 * @param {number} start
 */
function ogg(view, start) {
  const packet = start + 27 + view.getUint8(start + 26);
  if (text(view, packet) === "Opus") return 48000;
  if (text(view, packet + 1) === "vorb") return view.getUint32(packet + 12, true);
  return undefined;
}

/**
 * The sample entry of AAC holds the rate as a fixed-point number.
 * @param {DataView} view
 */
function mp4(view) {
  const bytes = new Uint8Array(view.buffer);
  /** @param {number} from */
  const next = (from) => bytes.subarray(0, -30).indexOf(0x6d, from); // "m"
  for (let at = next(0); at >= 0; at = next(at + 1))
    if (text(view, at) === "mp4a" && view.getUint16(at + 28)) return view.getUint16(at + 28);
  return undefined;
}

/**
 * The first frame's header, perhaps after zeros: 11 bits that are set, version, layer, rate.
 * @param {DataView} view
 * @param {number} start
 */
function mp3(view, start) {
  let at = start;
  while (at + 4 < view.byteLength && !view.getUint8(at)) at++;
  const header = view.getUint32(at);
  const [version, layer, rate] = [19, 17, 10].map((place) => (header >>> place) & 3);
  const valid = header >>> 21 === 0x7ff && version !== 1 && layer && rate < 3;
  return valid ? MP3_RATES[rate] >> MP3_HALVINGS[version] : undefined;
}
