import assert from "node:assert/strict";
import { test } from "node:test";

import { fastest } from "../../zoo/web/fastest.js";

const VALUES = [0.5, 0, 200];

/** Loads stand-ins for networks, which take as long and say as told; notes what is loaded. */
async function taken({ wasm = [20, VALUES], webgpu, known }) {
  const told = { loads: [], disposed: [], written: [], backend: "" };
  globalThis.tf = { setBackend: async (name) => (told.backend = name) };
  const load = async (backend) => {
    told.loads.push(backend);
    told.backend = backend;
    const answer = { wasm, webgpu }[backend];
    if (!answer) throw new Error(`${backend} is not available here.`);
    const [milliseconds, values] = answer;
    const network = { dispose: () => told.disposed.push(backend) };
    return [{ network, milliseconds, values: Float32Array.from(values) }];
  };
  const memory = { read: async () => known, write: async (found) => told.written.push(found) };
  const [chosen] = await fastest(load, memory);
  return { ...told, milliseconds: chosen.milliseconds };
}

test("WebGPU is taken where it agrees with WebAssembly and is faster", async () => {
  const near = VALUES.map((value) => value + 1e-2); // of 200
  const told = await taken({ webgpu: [5, near] });
  assert.equal(told.milliseconds, 5);
  assert.deepEqual([told.backend, told.written, told.disposed], ["webgpu", ["webgpu"], ["wasm"]]);
});

test("WebAssembly stays where WebGPU is slower, says something else, or fails", async () => {
  const far = VALUES.map((value) => value + 3e-2);
  for (const webgpu of [[30, VALUES], [5, far], [5, [NaN, 0, 200]], [5, [0.5]], undefined]) {
    const told = await taken({ webgpu });
    assert.equal(told.milliseconds, 20);
    assert.deepEqual([told.backend, told.written], ["wasm", ["wasm"]]);
    assert.deepEqual(told.disposed, webgpu ? ["webgpu"] : []);
  }
});

test("what was found before is not measured again", async () => {
  assert.deepEqual((await taken({ webgpu: [5, VALUES], known: "wasm" })).loads, ["wasm"]);
  assert.deepEqual((await taken({ webgpu: [5, VALUES], known: "webgpu" })).loads, ["webgpu"]);
});

test("where the graphics card is gone, WebAssembly runs", async () => {
  const told = await taken({ known: "webgpu" });
  assert.deepEqual([told.milliseconds, told.backend, told.written], [20, "wasm", ["wasm"]]);
});

test("what cannot be loaded at all says so", async () => {
  await assert.rejects(taken({ wasm: null, webgpu: [5, VALUES] }), /wasm is not available/);
});
