/**
 * Run a graph model with TensorFlow.js in Node: the program of `node.py`.
 *
 * Reads requests from stdin, each a line of JSON: the folders `tfjs`, `model` and `exchange`, the `backend`, the
 * `inputs` {name, dtype, shape} and the names of the `outputs`. Values are raw little-endian
 * numbers in `exchange`: `input0`, `input1`, …, and `output0`, … Answers as `freeze.child.serve`
 * does, with the types and shapes of the outputs.
 *
 * @import { GraphModel } from "@tensorflow/tfjs-converter"
 * @import { NamedTensorMap } from "@tensorflow/tfjs-core"
 *
 * @typedef {object} Request
 * @property {string} tfjs
 * @property {string} model
 * @property {string} exchange
 * @property {"wasm" | "cpu"} backend
 * @property {{name: string, dtype: keyof typeof ARRAYS, shape: number[]}[]} inputs
 * @property {string[]} outputs
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { artifacts, load } from "./tensorflow.mjs";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** @type {Partial<Record<Request["backend"], TensorFlow>>} */
const loaded = {};

/** @param {Request} request */
async function run({ tfjs, model, exchange, backend, inputs, outputs }) {
  const tf = (loaded[backend] ??= await load(tfjs, backend));
  const graph = await tf.loadGraphModel({ load: async () => artifacts(model) });
  /** @type {NamedTensorMap} */
  const feeds = {};
  inputs.forEach(({ name, dtype, shape }, index) => {
    const { buffer } = new Uint8Array(readFileSync(join(exchange, `input${index}`)));
    feeds[name] = tf.tensor(new ARRAYS[dtype](buffer), shape, dtype);
  });
  const tensors = [await execute(graph, feeds, outputs)].flat(); // one alone comes without a list
  for (const [index, tensor] of tensors.entries())
    writeFileSync(join(exchange, `output${index}`), await tensor.data());
  graph.dispose();
  tf.dispose([feeds, tensors]);
  return { outputs: tensors.map(({ dtype, shape }) => ({ dtype, shape })) };
}

/**
 * @param {GraphModel} graph
 * @param {NamedTensorMap} feeds
 * @param {string[]} outputs
 */
async function execute(graph, feeds, outputs) {
  try {
    return graph.execute(feeds, outputs);
  } catch (error) {
    if (!String(error).includes("executeAsync")) throw error;
    return graph.executeAsync(feeds, outputs); // it has nodes whose shapes depend on values
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let told;
  try {
    told = { answer: await run(JSON.parse(line)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    told = { error: "", message, why: "", hint: "" };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
}
