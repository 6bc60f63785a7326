/** TensorFlow.js in Node, from the files that pages load. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { compileFunction } from "node:vm";

/**
 * Load TensorFlow.js from its folder.
 * @param {string} folder
 * @param {"wasm" | "cpu"} backend
 */
export async function load(folder, backend) {
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

/** What `loadGraphModel` wants of a model, read from its folder. */
export function artifacts(folder) {
  const model = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const bytes = new Uint8Array(
    Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))),
  );
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { ...model, weightSpecs, weightData: bytes.buffer };
}
