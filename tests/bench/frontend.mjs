/**
 * MusiCNN in wasm, with its front-end in the graph and with one in plain JavaScript, in turns.
 *
 * Reads a request from argv: folders `tfjs`, `plain` and `whole` (the two exports), `folder` with
 * `audio`, `window` and `bank` as raw numbers, `hop`, `patch` {frames, hop}, `layer`, `rounds`.
 * Answers {graph, script} in milliseconds a round, and the largest `difference` of activations.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { artifacts, load } from "../../zoo/exporting/tensorflow.mjs";

const request = JSON.parse(process.argv[2]);
const { hop, patch, layer } = request;
const [audio, window, bank] = ["audio", "window", "bank"].map(
  (name) => new Float32Array(new Uint8Array(readFileSync(join(request.folder, name))).buffer),
);
const N = window.length;
const BINS = N / 2 + 1;
const BANDS = bank.length / BINS;

const cosines = Float64Array.from({ length: N / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / N));
const sines = Float64Array.from({ length: N / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / N));
const reversed = Uint16Array.from({ length: N }, (_, k) =>
  parseInt(k.toString(2).padStart(Math.log2(N), "0").split("").reverse().join(""), 2),
);
const ranges = Array.from({ length: BANDS }, (_, band) => {
  const used = [...Array(BINS).keys()].filter((bin) => bank[bin * BANDS + band]);
  const weights = Float64Array.from(used, (bin) => bank[bin * BANDS + band]);
  return { first: used[0], weights };
});

/** Transform in place: radix 2, in bit-reversed order at the start. */
function transform(re, im) {
  for (let size = 2; size <= N; size *= 2) {
    const half = size / 2;
    const step = N / size;
    for (let start = 0; start < N; start += size)
      for (let k = 0; k < half; k++) {
        const [a, b, t] = [start + k, start + k + half, k * step];
        const x = re[b] * cosines[t] - im[b] * sines[t];
        const y = re[b] * sines[t] + im[b] * cosines[t];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
  }
}

/** Log-mel bands of all frames; two real frames make one complex transform. */
function features() {
  const count = Math.ceil(audio.length / hop) + 1;
  const padded = new Float32Array((count + 1) * hop + N);
  padded.set(audio, N / 2);
  const bands = new Float32Array(count * BANDS);
  const [re, im] = [new Float64Array(N), new Float64Array(N)];
  const power = [new Float64Array(BINS), new Float64Array(BINS)];
  for (let frame = 0; frame < count; frame += 2) {
    for (let k = 0; k < N; k++) {
      re[reversed[k]] = padded[frame * hop + k] * window[k];
      im[reversed[k]] = padded[(frame + 1) * hop + k] * window[k];
    }
    transform(re, im);
    for (let k = 0; k < BINS; k++) {
      const m = (N - k) % N;
      power[0][k] = ((re[k] + re[m]) ** 2 + (im[k] - im[m]) ** 2) / 4;
      power[1][k] = ((im[k] + im[m]) ** 2 + (re[m] - re[k]) ** 2) / 4;
    }
    for (let one = 0; one < 2 && frame + one < count; one++)
      ranges.forEach(({ first, weights }, band) => {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += power[one][first + k] * weights[k];
        bands[(frame + one) * BANDS + band] = Math.log10(1 + 10000 * sum);
      });
  }
  return bands;
}

/** Patches of the bands, one after the other. */
function patches(bands) {
  const [size, step] = [patch.frames * BANDS, patch.hop * BANDS];
  const count = Math.floor((bands.length - size) / step) + 1;
  const all = new Float32Array(count * size);
  for (let i = 0; i < count; i++) all.set(bands.subarray(i * step, i * step + size), i * size);
  return [all, [count, patch.frames, BANDS]];
}

const tf = await load(request.tfjs, "wasm");
const model = (folder) => tf.loadGraphModel({ load: async () => artifacts(folder) });
const [whole, plain] = [await model(request.whole), await model(request.plain)];

async function run(graph, input) {
  const output = graph.execute(input, layer);
  const values = await output.data();
  tf.dispose([input, output]);
  return values;
}

const ways = {
  graph: () => run(whole, tf.tensor1d(audio)),
  script: () => run(plain, tf.tensor3d(...patches(features()))),
};
const times = { graph: [], script: [] };
const found = {};
for (let round = 0; round <= request.rounds; round++)
  for (const [way, compute] of Object.entries(ways)) {
    const start = performance.now();
    found[way] = await compute();
    if (round) times[way].push(performance.now() - start); // the first wakes it up
  }
const difference = Math.max(...found.graph.map((value, k) => Math.abs(value - found.script[k])));
console.log(JSON.stringify({ ...times, difference }));
