import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "../../zoo/web/numbers.js";
import { Resampling, resample } from "../../zoo/web/resample.js";
import { floats } from "./reference.mjs";

/** The power of white noise's error. */
function decibels(error, signal) {
  const power = (samples) => samples.reduce((sum, value) => sum + value ** 2, 0);
  return 10 * Math.log10(power(error) / power(signal));
}

for (const [origin, target] of [
  [44100, 16000],
  [48000, 16000],
  [22050, 16000],
  [44100, 11025],
  [16000, 22050],
])
  test(`${origin} Hz become ${target} Hz as in Python`, () => {
    const found = resample(floats(`${origin}.f32`), origin, target);
    const expected = floats(`${origin}-${target}.f32`);
    assert.equal(found.length, expected.length);
    assert.ok(
      decibels(
        expected.map((value, i) => value - found[i]),
        expected,
      ) < -135,
    );
  });

test("blocks of any length give the same samples", () => {
  const samples = floats("44100.f32");
  const signal = new Resampling(44100, 16000);
  const parts = [];
  for (let i = 0, size = 1; i < samples.length; i += size++)
    parts.push(signal.feed(samples.subarray(i, i + size)));
  const whole = joined([...parts, signal.finish()]);
  assert.deepEqual(whole, resample(samples, 44100, 16000));
});

test("a signal of the wanted rate is left as it is", () => {
  const samples = floats("16000.f32");
  assert.deepEqual(resample(samples, 16000, 16000), samples);
});

test("rates that are too far apart are refused", () => {
  assert.throws(() => new Resampling(44100, 100), RangeError);
});
