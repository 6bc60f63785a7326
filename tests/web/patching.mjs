import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "../../zoo/web/numbers.js";
import { Framing, Patching, nonSilent, standardFrames } from "../../zoo/web/patching.js";
import { difference, json } from "./reference.mjs";

/** What a front-end makes of a piece: each frame, centred, with zeros outside, summed up. */
function summed({ frame, hop }) {
  return async (samples) => {
    const count = 1 + Math.ceil(samples.length / hop);
    return Float32Array.from({ length: count }, (_, k) => {
      const start = k * hop - ((frame + 1) >> 1);
      let sum = 0;
      for (let i = 0; i < frame; i++) sum += (samples[start + i] ?? 0) * (i + 1);
      return sum;
    });
  };
}

for (const size of [1, 97, 100000])
  test(`pieces of ${size} samples give the frames of the whole signal`, async () => {
    for (const { frontend, samples, sums } of json("frames.json")) {
      const framing = new Framing(summed(frontend), frontend, 1);
      const found = [];
      for (let i = 0; i < samples.length; i += size)
        found.push(await framing.feed(Float32Array.from(samples.slice(i, i + size))));
      found.push(await framing.finish());
      assert.deepEqual(Array.from(joined(found)), sums, JSON.stringify(frontend));
    }
  });

test("patches of two bands overlap, and the rest is discarded", () => {
  const patching = new Patching(3, 2, 2);
  const frames = Float32Array.from({ length: 16 }, (_, i) => i); // 8 frames
  const found = [...patching.feed(frames.slice(0, 8)), ...patching.feed(frames.slice(8))];
  assert.deepEqual(
    found.map((patch) => Array.from(patch)),
    [
      [0, 1, 2, 3, 4, 5],
      [4, 5, 6, 7, 8, 9],
      [8, 9, 10, 11, 12, 13],
    ],
  );
});

test("a hop that leaves gaps is refused", () => {
  assert.throws(() => new Patching(3, 4, 1), RangeError);
});

test("frames of samples are standardised, and silent ones are zeros", () => {
  const samples = Float32Array.of(1, 2, 3, 4, 5, 6);
  const frames = standardFrames(samples, { frame: 4, hop: 3 });
  const shape = [0, 0, 1, 2, 2, 3, 4, 5, 5, 6, 0, 0];
  const rows = [0, 4, 8]
    .map((start) => shape.slice(start, start + 4))
    .map((row) => {
      const average = row.reduce((sum, x) => sum + x) / 4;
      const deviation = Math.sqrt(row.reduce((sum, x) => sum + (x - average) ** 2, 0) / 4);
      return row.map((x) => (x - average) / deviation);
    });
  assert.ok(difference(frames, rows.flat()) < 1e-6);
  assert.deepEqual(standardFrames(new Float32Array(3), { frame: 4, hop: 3 }), new Float32Array(8));
});

test("silence is told from sound", () => {
  assert.equal(nonSilent(new Float32Array(4)), false);
  assert.equal(nonSilent(Float32Array.of(0, 0, 1e-9, 0)), true);
});
