/**
 * Networks in two parts, in TensorFlow.js: ZOO_OVERLAP names its folder `tfjs`, and `models`, each
 * with its `folder`, `frames`, `width` and `hop`.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { artifacts, load } from "../../zoo/exporting/tensorflow.mjs";
import { Network } from "../../zoo/web/network.js";
import { Overlap } from "../../zoo/web/overlap.js";

const { tfjs, models } = JSON.parse(process.env.ZOO_OVERLAP);
const tf = await load(tfjs, "wasm");

/** A network that has run once, and how many frames its first part was fed each time. */
async function ready({ folder, frames }, change = () => {}) {
  const { weightData: weights, ...model } = artifacts(folder);
  const { overlap } = model.userDefinedMetadata.zoo;
  const { node, axis } = overlap;
  change(overlap);
  const fed = [];
  const loadGraphModel = async (handler) => {
    const graph = await tf.loadGraphModel(handler);
    const execute = graph.execute.bind(graph);
    graph.execute = (inputs, outputs) => {
      if (node in inputs && inputs[node].shape[axis] < frames) fed.push(inputs[node].shape[axis]);
      return execute(inputs, outputs);
    };
    return graph;
  };
  const network = await Network.load({ ...tf, loadGraphModel }, { model, weights });
  await network.warm();
  const loaded = fed.splice(0).length;
  return { network, fed, loaded };
}

/** Patches of noise that begin at some frames. */
function patches({ frames, width }, starts) {
  let state = 1;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const noise = Float32Array.from({ length: (Math.max(...starts) + frames) * width }, random);
  return starts.map((start) => noise.slice(start * width, (start + frames) * width));
}

const furthest = (one, other) =>
  Math.max(...one.map((value, i) => Math.abs(value - other[i])), one.length - other.length);

for (const model of models) {
  test(`${model.folder}: patches that overlap are told what each for itself is`, async () => {
    const { network, fed } = await ready(model);
    const layer = network.layer("logits");
    for (const hop of [1, model.hop, model.frames - 1]) {
      const before = tf.memory().numTensors;
      const overlap = new Overlap(hop);
      const said = [];
      for (const patch of patches(
        model,
        [0, 1, 2, 4, 5, 6].map((place) => place * hop),
      )) {
        const [whole] = await network.run([patch], layer);
        const [shared] = await network.run([patch], layer, overlap);
        assert.ok(furthest(shared, whole) < 2e-6, `${hop}: ${shared} is not ${whole}`);
        said.push(whole);
      }
      assert.ok(furthest(said[0], said[5]) > 1e-3); // or it tells nothing
      const follow = fed.splice(0).length;
      if (hop === model.frames - 1) assert.equal(follow, 0);
      else assert.ok(follow >= 4 && follow % 4 === 0, `${follow}`); // of 5; one was left out
      overlap.dispose();
      assert.equal(tf.memory().numTensors, before);
    }
  });

  test(`${model.folder}: what is told wrong is noticed, and not used`, async () => {
    assert.ok((await ready(model)).loaded > 0);
    const [{ before, after }] = JSON.parse(
      JSON.stringify(artifacts(model.folder).userDefinedMetadata.zoo.overlap.tensors),
    );
    const wrong = [
      ({ tensors }) => (tensors[0].before = before - 1),
      ({ tensors }) => (tensors[0].after = after - 1),
      ({ tensors }) => (tensors[0].node = "nowhere"),
      (cut) => (cut.node = "nowhere"),
    ];
    for (const change of wrong) {
      const tensors = tf.memory().numTensors;
      const { network, fed } = await ready(model, change);
      const overlap = new Overlap(model.hop);
      const layer = network.layer("logits");
      for (const patch of patches(model, [0, model.hop])) {
        const [whole] = await network.run([patch], layer);
        const [again] = await network.run([patch], layer, overlap);
        assert.deepEqual(again, whole);
      }
      assert.equal(fed.length, 0, String(change));
      network.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    }
  });
}
