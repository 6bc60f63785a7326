/**
 * What runs the networks: WebAssembly, WebGL or WebGPU.
 *
 * @import { Backend, Load } from "./engine.js"
 */

const MOST_THREADS = 4; // more wait for each other
const BINARIES = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

/** Scripts that most pages do without. */
const ON_DEMAND = {
  webgl: () => import("./tfjs/tf-backend-webgl.es2017.min.js"),
  webgpu: () => import("./tfjs/tf-backend-webgpu.es2017.min.js"),
};

/**
 * Make TensorFlow.js ready.
 * @param {Backend} wanted
 * @param {Load["wasm"]} wasm
 * @returns {Promise<Backend>}  WebGL where WebAssembly is wanted, but forbidden.
 * @throws {Error}  It is not available.
 */
export async function start(wanted, wasm) {
  if (wanted === "webgpu") {
    if (await startOnDemand(wanted)) return wanted;
    throw new Error("WebGPU is not available here.");
  }
  if (wanted === "wasm" && (await startWasm(wasm))) return wanted;
  if (await startOnDemand("webgl")) return "webgl";
  if (wanted === "webgl") throw new Error("WebGL is not available here.");
  throw new Error(
    "WebAssembly cannot run in this page, perhaps because its Content-Security-Policy lacks " +
      "'wasm-unsafe-eval', and WebGL, which could run the model instead, is not available here.",
  );
}

/** @param {keyof ON_DEMAND} name */
async function startOnDemand(name) {
  if (!tf.findBackendFactory(name)) await ON_DEMAND[name]();
  return tf.findBackendFactory(name) ? tf.setBackend(name) : false;
}

/**
 * Threads need a page that is isolated, by two headers of its host.
 * @param {Load["wasm"]} wasm
 */
function startWasm(wasm) {
  const isolated = globalThis.crossOriginIsolated === true;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", isolated);
  if (isolated) tf.wasm.setThreadsCount(Math.min(MOST_THREADS, navigator.hardwareConcurrency));
  const whole = typeof wasm === "string" && /^(data|blob):/.test(wasm);
  tf.wasm.setWasmPaths(whole ? Object.fromEntries(BINARIES.map((name) => [name, wasm])) : wasm);
  return tf.setBackend("wasm");
}
