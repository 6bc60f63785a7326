import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, impliedClasses } from "../../zoo/web/decoders.js";
import { median } from "../../zoo/web/numbers.js";
import { note } from "../../zoo/web/pitch.js";
import { difference, json } from "./reference.mjs";

const reference = json("decoded.json");

/** Results of patches, silent ones among them. */
const results = (rows, nonSilent = reference.nonSilent) =>
  rows.map((activations, i) => ({ activations, nonSilent: nonSilent[i] }));

test("tempo is decoded as in Python", () => {
  const { tempo } = decode("TempoCNN", results(reference.tempi));
  for (const key of ["bpm", "confidence", "mean", "median"])
    assert.ok(Math.abs(tempo[key] - reference.tempo[key]) < 1e-4, key);
  assert.deepEqual(tempo.local, reference.tempo.local);
  assert.ok(difference(tempo.probabilities, reference.tempo.probabilities) < 1e-7);
});

test("silence has no tempo", () => {
  const { tempo } = decode("TempoCNN", results(reference.tempi.slice(0, 2), [false, false]));
  assert.deepEqual([tempo.bpm, tempo.mean, tempo.median, tempo.confidence], [null, null, null, 0]);
});

test("pitch is decoded as in Python", () => {
  const { pitch } = decode("PitchCREPE", results(reference.pitches));
  assert.ok(difference(pitch.frequencies, reference.pitch.frequencies) < 1e-3);
  assert.ok(difference(pitch.confidences, reference.pitch.confidences) < 1e-7);
});

test("activations of another width, or of another algorithm, are not decoded", () => {
  const narrow = results(reference.tempi.map((row) => row.slice(1)));
  assert.equal(decode("TempoCNN", narrow), undefined);
  assert.equal(decode("PitchCREPE", results(reference.tempi)), undefined);
  assert.equal(decode("TensorflowPredictMusiCNN", results(reference.tempi)), undefined);
  assert.equal(decode("TensorflowPredictMusiCNN", []), undefined);
});

test("an algorithm implies the classes of its decoder", () => {
  const tempi = impliedClasses("TempoCNN");
  assert.deepEqual([tempi.length, tempi[0], tempi.at(-1)], [256, "30 BPM", "285 BPM"]);
  const pitches = impliedClasses("PitchCREPE");
  assert.deepEqual([pitches.length, pitches[0], pitches.at(-1)], [360, "31.7 Hz", "2005.5 Hz"]);
  assert.deepEqual(impliedClasses("TensorflowPredictMusiCNN"), []);
});

test("a pitch has the name of the nearest note", () => {
  assert.deepEqual([440, 261.6, 32.7].map(note), ["A4", "C4", "C1"]);
});

test("of an even count the median is the mean of the two in the middle", () => {
  assert.equal(median([9, 220, 110, 440]), 165);
  assert.equal(median(new Float32Array([440, 9, 110])), 110);
});
