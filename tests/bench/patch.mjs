/**
 * One patch in TensorFlow.js' wasm, as pages run it, after a few to wake it up.
 *
 * Reads a request from argv: folders `tfjs` and `model` (an export without a front-end), `shape` of
 * the patch, `layer`, `rounds`. Answers milliseconds, one a round.
 */

import { artifacts, load } from "../../zoo/exporting/tensorflow.mjs";

const { tfjs, model, shape, layer, rounds } = JSON.parse(process.argv[2]);
const tf = await load(tfjs, "wasm");
const network = await tf.loadGraphModel({ load: async () => artifacts(model) });
const times = [];
for (let round = -3; round < rounds; round++) {
  const patch = tf.randomUniform(shape);
  const start = performance.now();
  const output = network.execute(patch, layer);
  await output.data();
  if (round >= 0) times.push(performance.now() - start);
  tf.dispose([patch, output]);
}
console.log(JSON.stringify(times));
