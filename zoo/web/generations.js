/**
 * Descriptors of today's extractor for models that were made with an older one, which has other
 * names for many of them and spells three notes in another way.
 *
 * @import { Descriptors } from "./descriptors.js"
 */

const OLD = "tonal.key_key"; // what only extractors before 2.1 beta 5 give,
const NEW = "tonal.key_temperley.key"; // and only those since
const PEAK = "rhythm.bpm_histogram_first_peak";
const FASTEST = 250; // beats per minute in the histogram

/** @type {Record<string, string>} */
const PARTS = {
  "lowlevel.spectral_crest.": "lowlevel.barkbands_crest.",
  "lowlevel.spectral_flatness_db.": "lowlevel.barkbands_flatness_db.",
};
/** @type {Record<string, string>} */
const NAMES = {
  [PEAK]: `${PEAK}_bpm`,
  "rhythm.bpm_histogram_second_peak": "rhythm.bpm_histogram_second_peak_bpm",
  "tonal.key_key": NEW,
  "tonal.key_scale": "tonal.key_temperley.scale",
  "tonal.key_strength": "tonal.key_temperley.strength",
};
/** @type {Record<string, string>} */
const SHARPS = { Bb: "A#", Eb: "D#", Ab: "G#" };
const FLATS = Object.fromEntries(Object.entries(SHARPS).map(([flat, sharp]) => [sharp, flat]));

/**
 * Whether today's extractor gave the descriptors of a model of an older one.
 * @param {Descriptors} given
 * @param {string[]} wanted  What the model needs.
 */
export const isNewer = (given, wanted) =>
  NEW in given && (wanted.includes(OLD) || wanted.includes(`${PEAK}_spread`));

/**
 * Descriptors under the names, and with the notes, of a model's own extractor.
 * @param {Descriptors} given
 * @param {string[]} wanted
 * @returns {Descriptors}
 */
export function translated(given, wanted) {
  const found = { ...given };
  const newer = isNewer(given, wanted);
  if (newer) correctFirstPeak(found);
  for (const name of wanted) {
    const today = called(name);
    if (!(name in found) && today in found) found[name] = found[today];
  }
  if (newer) respell(found, SHARPS);
  else if (OLD in given && wanted.includes(NEW)) respell(found, FLATS);
  return found;
}

/**
 * What a descriptor is called today.
 * @param {string} name
 */
function called(name) {
  const part = Object.keys(PARTS).find((old) => name.startsWith(old));
  return part ? PARTS[part] + name.slice(part.length) : (NAMES[name] ?? name);
}

/**
 * @param {Descriptors} found
 * @param {Record<string, string>} notes
 */
function respell(found, notes) {
  for (const [name, value] of Object.entries(found))
    if (name.startsWith("tonal.") && typeof value === "string") found[name] = notes[value] ?? value;
}

/**
 * Give the first peak of the beats' histogram its weight and its spread: since 2.1 beta 5 both are
 * written under the name of the weight, the spread last.
 * @param {Descriptors} found
 */
function correctFirstPeak(found) {
  const [weight, spread] = [`${PEAK}_weight`, `${PEAK}_spread`];
  if (spread in found || !(weight in found)) return;
  found[spread] = found[weight];
  delete found[weight];
  const beats = found["rhythm.beats_position"];
  if (Array.isArray(beats)) found[weight] = firstPeakWeight(beats);
}

/**
 * The share of beats that are about as fast as most are: Essentia's BpmHistogramDescriptors.
 * @param {number[]} beats  In seconds.
 */
export function firstPeakWeight(beats) {
  const times = Float32Array.from(beats);
  const counts = new Array(FASTEST).fill(0);
  let total = 0;
  for (let i = 1; i < times.length; i++) {
    const tempo = Math.fround(60 / Math.fround(times[i] - times[i - 1]));
    if (!(tempo > 0 && tempo <= FASTEST)) continue;
    counts[Math.min(Math.round(tempo), FASTEST - 1)]++;
    total++;
  }
  const peak = counts.indexOf(Math.max(...counts));
  const near = counts.slice(Math.max(peak - 1, 0), peak + 2);
  return total ? near.reduce((sum, count) => sum + count, 0) / total : 0;
}
