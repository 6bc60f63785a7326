import assert from "node:assert/strict";
import { test } from "node:test";

import { DECODERS } from "../../zoo/web/decoders.js";
import { note } from "../../zoo/web/pitch.js";
import { difference, json } from "./reference.mjs";

const reference = json("decoded.json");

test("tempo is decoded as in Python", () => {
  const { tempo } = DECODERS.TempoCNN.decode(reference.tempi, reference.nonSilent);
  for (const key of ["bpm", "confidence", "mean", "median"])
    assert.ok(Math.abs(tempo[key] - reference.tempo[key]) < 1e-4, key);
  assert.deepEqual(tempo.local, reference.tempo.local);
  assert.ok(difference(tempo.probabilities, reference.tempo.probabilities) < 1e-7);
});

test("silence has no tempo", () => {
  const { tempo } = DECODERS.TempoCNN.decode(reference.tempi.slice(0, 2), [false, false]);
  assert.deepEqual([tempo.bpm, tempo.mean, tempo.median, tempo.confidence], [null, null, null, 0]);
});

test("pitch is decoded as in Python", () => {
  const { pitch } = DECODERS.PitchCREPE.decode(reference.pitches, reference.nonSilent);
  assert.ok(difference(pitch.frequencies, reference.pitch.frequencies) < 1e-3);
  assert.ok(difference(pitch.confidences, reference.pitch.confidences) < 1e-7);
});

test("a pitch has the name of the nearest note", () => {
  assert.deepEqual([440, 261.6, 32.7].map(note), ["A4", "C4", "C1"]);
});
