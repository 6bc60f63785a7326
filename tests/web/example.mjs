/** The example clip. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { example, wav } from "../../zoo/web/site/example.js";
import { readWav } from "../../zoo/web/wav.js";

test("the example is the same music every time", async () => {
  const { samples, sampleRate } = await example(5);
  assert.equal(samples.length, 5 * sampleRate);
  assert.deepEqual((await example(5)).samples, samples);
  assert.ok(samples.every(Number.isFinite));
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  assert.ok(Math.abs(peak - 0.9) < 1e-6);
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  assert.ok(power > 0.001);
});

test("a WAV file holds what was put in", async () => {
  const samples = Float32Array.of(0, 0.5, -1, 0.25);
  const file = wav(samples, 22050);
  const read = await readWav(await file.arrayBuffer());
  assert.equal(read.sampleRate, 22050);
  read.samples.forEach((sample, i) => assert.ok(Math.abs(sample - samples[i]) < 1e-4));
});
