/**
 * MusiCNN's patches in wasm, as pages run them: each for itself and with what they share, in turns.
 *
 * Reads a request from argv: folders `tfjs` and `model` (an export with its front-end), `hops`,
 * `rounds`. Answers for each hop [shared, alone] in milliseconds of CPU time, medians of all rounds.
 */

import { artifacts, load } from "../../zoo/exporting/tensorflow.mjs";
import { Network } from "../../zoo/web/network.js";
import { median } from "../../zoo/web/numbers.js";
import { Overlap } from "../../zoo/web/overlap.js";

const { tfjs, model, hops, rounds } = JSON.parse(process.argv[2]);
const tf = await load(tfjs, "wasm");
const { weightData: weights, ...document } = artifacts(model);
const network = await Network.load(tf, { model: document, weights });
await network.warm();
const { width } = network;
const { frames } = network.metadata.patch;
const layer = network.layer("predictions");

const answer = hops.map(() => [[], []]);
for (const [place, hop] of hops.entries()) {
  const values = Float32Array.from({ length: (frames + rounds * hop) * width }, Math.random);
  const overlap = new Overlap(hop);
  for (let round = 0; round <= rounds; round++) {
    const patch = values.slice(round * hop * width, (round * hop + frames) * width);
    for (const [way, given] of [overlap, undefined].entries()) {
      const start = process.cpuUsage();
      await network.run([patch], layer, given);
      const { user, system } = process.cpuUsage(start);
      if (round) answer[place][way].push((user + system) / 1000); // the first has none before it
    }
  }
  overlap.dispose();
}
console.log(JSON.stringify(answer.map((ways) => ways.map(median))));
