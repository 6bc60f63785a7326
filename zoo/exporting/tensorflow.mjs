/**
 * TensorFlow.js in Node, from the files that pages load.
 *
 * @import { io } from "@tensorflow/tfjs-core"
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { compileFunction } from "node:vm";

/**
 * Load TensorFlow.js from its folder.
 * @param {string} folder
 * @param {"wasm" | "cpu"} backend
 * @returns {Promise<TensorFlow>}
 */
export async function load(folder, backend) {
  const require = createRequire(import.meta.url);
  /** @type {Record<string, unknown>} */
  const modules = { seedrandom: {} };
  const script = (/** @type {string} */ name) => {
    const filename = join(folder, `tf-${name}.es2017.min.js`);
    const names = ["exports", "module", "require", "__dirname", "__filename"];
    const module = { exports: /** @type {TensorFlow} */ ({}) };
    const body = compileFunction(readFileSync(filename, "utf8"), names, { filename });
    body(
      module.exports,
      module,
      (/** @type {string} */ asked) => modules[asked] ?? require(asked),
      folder,
      filename,
    );
    return module.exports;
  };
  const core = (modules["@tensorflow/tfjs-core"] = script("core"));
  const converter = script("converter");
  const wasm = /** @type {Partial<TensorFlow["wasm"]>} */ (script(`backend-${backend}`));
  wasm.setWasmPaths?.(folder + sep);
  if (!(await core.setBackend(backend)))
    throw new Error(`The backend ${backend} is not available here.`);
  return { ...core, ...converter };
}

/**
 * What `loadGraphModel` wants of a model, read from its folder.
 * @param {string} folder
 * @returns {io.ModelArtifacts}
 */
export function artifacts(folder) {
  /** @type {io.ModelJSON} */
  const model = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const bytes = new Uint8Array(
    Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))),
  );
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { ...model, weightSpecs, weightData: bytes.buffer };
}
