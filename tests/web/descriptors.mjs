/** Files of descriptors, as the page reads them: like `predictors.descriptors` in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readDescriptors, row } from "../../zoo/web/descriptors.js";
import { firstPeakWeight, isNewer, translated } from "../../zoo/web/generations.js";

const LISTED = [
  { name: "low.mean", size: 3 },
  { name: "low.cov", size: 4 },
  { name: "tonal.key", size: 1, texts: ["C", "A#"] },
];
const GIVEN = { "low.mean": [1, 2, 3], "low.cov": [[5, 6]], "tonal.key": "A#", other: "x" };

test("nested and flat files mean the same", () => {
  const nested = '{"low": {"mean": [1, -nan], "var": inf}, "tonal.key": "A#", "x": {"y": 1}}';
  const found = { "low.mean": [1, null], "low.var": null, "tonal.key": "A#", "x.y": 1 };
  assert.deepEqual(readDescriptors(nested), found);
  for (const text of ["[1]", "{", "low: 1"])
    assert.throws(() => readDescriptors(text), SyntaxError);
});

test("a row has the numbers in the stored order, of a matrix its sizes first", () => {
  const { values, unknown } = row(GIVEN, LISTED);
  assert.deepEqual([...values], [1, 2, 3, 1, 2, 5, 6, 1]);
  assert.deepEqual(unknown, []);
});

test("a text without a number gets the next one and is told", () => {
  const { values, unknown } = row({ ...GIVEN, "tonal.key": "F" }, LISTED);
  assert.equal(values.at(-1), 2);
  assert.deepEqual(unknown, ["F in tonal.key"]);
});

test("what is missing or no descriptor of the model is named", () => {
  assert.throws(() => row({}, LISTED), /3 of the 3 .* missing: low.mean, low.cov, tonal.key/);
  assert.throws(
    () => row({ ...GIVEN, "low.mean": [1, 2] }, LISTED),
    /has 2 values, but .* takes 3/,
  );
  for (const value of [
    [1, 2, null],
    [1, 2, "x"],
    [1, 2, 1e300],
  ])
    assert.throws(() => row({ ...GIVEN, "low.mean": value }, LISTED), /low.mean .* no numbers/);
  assert.throws(() => row({ ...GIVEN, "tonal.key": 7 }, LISTED), /tonal.key is not the text/);
});

test("today's names and notes become those of an older model", () => {
  const peak = "rhythm.bpm_histogram_first_peak";
  const today = {
    "lowlevel.barkbands_crest.mean": 1.5,
    [`${peak}_bpm`]: 120,
    [`${peak}_weight`]: 0.4,
    "rhythm.beats_position": [0, 0.5, 1, 1.505, 2.255],
    "tonal.key_temperley.key": "Bb",
    "tonal.chords_key": "Eb",
  };
  const wanted = {
    "lowlevel.spectral_crest.mean": 1.5,
    [peak]: 120,
    [`${peak}_weight`]: 0.75,
    [`${peak}_spread`]: 0.4,
    "tonal.key_key": "A#",
    "tonal.chords_key": "D#",
  };
  const names = Object.keys(wanted);
  const found = translated(today, names);
  assert.deepEqual(Object.fromEntries(names.map((name) => [name, found[name]])), wanted);
  assert.ok(isNewer(today, names));
  const own = { "tonal.key_key": "Bb" };
  assert.deepEqual(translated(own, names), own);
  assert.equal(translated({ ...own, "tonal.x": "A#" }, Object.keys(today))["tonal.x"], "Bb");
});

test("the weight of the first peak counts its neighbours", () => {
  const beats = (...tempi) => tempi.reduce((times, t) => [...times, times.at(-1) + 60 / t], [0]);
  assert.equal(firstPeakWeight([]), 0);
  assert.equal(firstPeakWeight(beats(60, 119, 120, 120, 121)), 0.8);
  assert.equal(firstPeakWeight(beats(251, 260, 100)), 1);
});
