import assert from "node:assert/strict";
import { test } from "node:test";

import { Listening } from "../../zoo/web/listening.js";
import { Prediction } from "../../zoo/web/prediction.js";

const HOP = 10;

/** A network at 100 Hz: a frame is a sample in ten, and a patch of 4 frames gives their sum. */
function network(metadata = {}) {
  return {
    metadata: {
      sample_rate: 100,
      frontend: { frame: 2, hop: HOP, valid: 1 },
      patch: { frames: 4, hop: 2 },
      normalize: false,
      ...metadata,
    },
    width: 1,
    seconds: 0.4,
    batch: 1,
    readsSamples: false,
    layer: (name) => name,
    features: async (samples) =>
      Float32Array.from({ length: 1 + Math.ceil(samples.length / HOP) }, (_, k) =>
        k * HOP < samples.length ? samples[k * HOP] : 0,
      ),
    run: async ([patch]) => [Float32Array.of(patch.reduce((sum, value) => sum + value))],
  };
}

/** What is said of blocks that all are there from the beginning. */
async function said(options, blocks, metadata) {
  const results = [];
  const all = { sampleRate: 100, hop: 2, layer: "sum", live: false, whole: false, ...options };
  const listening = new Listening(network(metadata), all, (result) => results.push(result));
  for (const block of blocks) listening.feed(block);
  listening.finish();
  await listening.run();
  return results;
}

const ramp = Float32Array.from({ length: 100 }, (_, i) => i / 200);

test("each patch has its time, its activations and whether it is silent", async () => {
  const results = await said({}, [ramp.subarray(0, 33), ramp.subarray(33)]);
  assert.deepEqual(
    results.map(({ time }) => time),
    [0, 0.2, 0.4, 0.6],
  );
  assert.ok(Math.abs(results[1].activations[0] - (20 + 30 + 40 + 50) / 200) < 1e-6);
  assert.ok(results.every((result) => result.nonSilent && result.milliseconds >= 0));
  assert.ok(results.every((result) => !("latency" in result)));
});

test("live, only the latest patch is run, and the others are counted", async () => {
  const results = await said({ live: true }, [ramp.subarray(0, 90), ramp.subarray(90)]);
  const [first] = results;
  assert.deepEqual([first.skipped, first.time], [3, 0.6]);
  assert.ok(first.latency >= 0);
  assert.equal(results.length, 1);
});

test("a clip is normalised as a whole, a stream is not", async () => {
  const shifted = ramp.map((value) => 0.1 + value / 2);
  const average = shifted.reduce((sum, value) => sum + value) / shifted.length;
  const peak = Math.max(...shifted.map((value) => Math.abs(value - average)));
  const raw = await said({}, [shifted], { normalize: true });
  const whole = await said({ whole: true }, [shifted], { normalize: true });
  const expected = (raw[0].activations[0] - 4 * average) / (peak + 0.005);
  assert.ok(Math.abs(whole[0].activations[0] - expected) < 1e-5);
  assert.equal(whole.length, raw.length);
});

test("samples beyond full scale are not clipped, and those that are no audio refused", async () => {
  const [loud] = await said({}, [new Float32Array(100).fill(3)]);
  assert.equal(loud.activations[0], 12);
  await assert.rejects(said({}, [new Float32Array(100).fill(-17)]), RangeError);
  await assert.rejects(said({}, [Float32Array.of(0, Infinity)]), RangeError);
});

test("who is closed says nothing", async () => {
  const listening = new Listening(
    network(),
    { sampleRate: 100, hop: 2, layer: "sum", live: false, whole: true },
    () => assert.fail(),
  );
  listening.feed(ramp);
  const running = listening.run();
  listening.close();
  await running;
});

test("what a network keeps of the last patch is given back at the end, come how it may", async () => {
  for (const end of ["finished", "closed", "failed"]) {
    const disposed = [];
    const keeping = network();
    keeping.run = async ([patch], _, overlap) => {
      assert.equal(overlap.hop, 2);
      if (end === "failed") overlap.of(keeping) && assert.fail("enough");
      if (end === "closed") listening.close();
      overlap.keep(keeping, { patch, inner: [{ dispose: () => disposed.push(patch) }] });
      return [patch];
    };
    const options = { sampleRate: 100, hop: 2, layer: "sum", live: false, whole: true };
    const listening = new Listening(keeping, options, () => {});
    listening.feed(ramp);
    listening.finish();
    if (end === "failed") await assert.rejects(listening.run(), /enough/);
    else await listening.run();
    assert.equal(disposed.length, end === "finished" ? 4 : 1, end);
  }
});

test("a prediction has the mean of its patches and the highest classes", () => {
  const rows = [Float32Array.of(0, 0.5, 0.25), Float32Array.of(1, 0.25, 0.25)];
  const results = rows.map((activations, i) => ({ activations, time: i, milliseconds: i }));
  const prediction = new Prediction(results, ["a", "b", "c"]);
  assert.deepEqual(Array.from(prediction.mean), [0.5, 0.375, 0.25]);
  assert.deepEqual(prediction.top(2), [
    { name: "a", score: 0.5 },
    { name: "b", score: 0.375 },
  ]);
  assert.equal(prediction.milliseconds, 0.5);
});

test("a hop is a whole number of frames", async () => {
  await assert.rejects(said({ hop: 1.5 }, [ramp]), RangeError);
});
