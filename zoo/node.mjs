/**
 * Run a graph model with TensorFlow.js in Node: the program of `node.py`.
 *
 * Reads one request from stdin: the folders `tfjs`, `model` and `exchange`, the `backend`, the
 * `inputs` {name, dtype, shape} and the names of the `outputs`. Values are raw little-endian
 * numbers in `exchange`: `input0`, `input1`, …, and `output0`, … Answers with the shapes of the
 * outputs, or with an `error`.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { compileFunction } from "node:vm";

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Load TensorFlow.js from files that are made for pages. */
async function load(folder, backend) {
  const require = createRequire(import.meta.url);
  const modules = { seedrandom: {} };
  const script = (name) => {
    const filename = join(folder, `tf-${name}.es2017.min.js`);
    const names = ["exports", "module", "require", "__dirname", "__filename"];
    const module = { exports: {} };
    const body = compileFunction(readFileSync(filename, "utf8"), names, { filename });
    body(module.exports, module, (asked) => modules[asked] ?? require(asked), folder, filename);
    return module.exports;
  };
  const core = (modules["@tensorflow/tfjs-core"] = script("core"));
  const converter = script("converter");
  const { setWasmPaths } = script(`backend-${backend}`);
  setWasmPaths?.(folder + sep);
  if (!(await core.setBackend(backend))) throw new Error(`${backend} does not work here.`);
  return { ...core, ...converter };
}

/** Read a model's files. */
function artifacts(folder) {
  const model = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const bytes = new Uint8Array(Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))));
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { ...model, weightSpecs, weightData: bytes.buffer };
}

async function run({ tfjs, model, exchange, backend, inputs, outputs }) {
  const tf = await load(tfjs, backend);
  const graph = await tf.loadGraphModel({ load: async () => artifacts(model) });
  const feeds = {};
  inputs.forEach(({ name, dtype, shape }, index) => {
    const { buffer } = new Uint8Array(readFileSync(join(exchange, `input${index}`)));
    feeds[name] = tf.tensor(new ARRAYS[dtype](buffer), shape, dtype);
  });
  const tensors = [graph.execute(feeds, outputs)].flat(); // one alone comes without a list
  for (const [index, tensor] of tensors.entries())
    writeFileSync(join(exchange, `output${index}`), await tensor.data());
  return { outputs: tensors.map(({ dtype, shape }) => ({ dtype, shape })) };
}

let answer;
try {
  answer = await run(JSON.parse(readFileSync(0, "utf8")));
} catch (error) {
  answer = { error: error.message };
}
writeFileSync(1, JSON.stringify(answer));
