/**
 * Run a graph model with TensorFlow.js in Node: the program of `node.py`.
 *
 * Reads one request from stdin: the folders `tfjs`, `model` and `exchange`, the `backend`, the
 * `inputs` {name, dtype, shape} and the names of the `outputs`. Values are raw little-endian
 * numbers in `exchange`: `input0`, `input1`, …, and `output0`, … Answers with the shapes of the
 * outputs, or with an `error`.
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

import { artifacts, load } from "./tensorflow.mjs";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** @param {Request} request */
async function run({ tfjs, model, exchange, backend, inputs, outputs }) {
  const tf = await load(tfjs, backend);
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

let answer;
try {
  answer = await run(JSON.parse(readFileSync(0, "utf8")));
} catch (error) {
  answer = { error: error instanceof Error ? error.message : String(error) };
}
writeFileSync(1, JSON.stringify(answer));
