/**
 * What runs the networks: WebAssembly, WebGL or WebGPU.
 *
 * @import { Backend, Load } from "./engine.js"
 */

const MOST_THREADS = 4; // more wait for each other
const CORES = "hardwareConcurrency";
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
 * @param {Load["threads"]} threads
 * @returns {Promise<Backend>}  WebGL where WebAssembly is wanted, but forbidden.
 * @throws {Error}  It is not available.
 */
export async function start(wanted, wasm, threads) {
  if (wanted === "webgpu") {
    if (await startOnDemand(wanted)) return wanted;
    throw new Error("WebGPU is not available here.");
  }
  if (wanted === "wasm" && (await startWasm(wasm, threads))) return wanted;
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
 * Threads need a page that is isolated, by two headers of its host, and memory that they share,
 * which WebKitGTK lacks even there.
 * @param {Load["wasm"]} wasm
 * @param {Load["threads"]} threads
 */
async function startWasm(wasm, threads) {
  const isolated = globalThis.crossOriginIsolated === true && "SharedArrayBuffer" in globalThis;
  const shares = threads && isolated && (await maySpawn().catch(() => false));
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", shares);
  const whole = typeof wasm === "string" && /^(data|blob):/.test(wasm);
  tf.wasm.setWasmPaths(whole ? Object.fromEntries(BINARIES.map((name) => [name, wasm])) : wasm);
  return shares ? withThreads(() => tf.setBackend("wasm")) : tf.setBackend("wasm");
}

/**
 * Whether a Worker starts from a blob, as those of the backend do: where a Content-Security-Policy
 * forbids it, the backend would wait for them for ever.
 * @returns {Promise<boolean>}
 */
async function maySpawn() {
  const address = URL.createObjectURL(new Blob(["postMessage({})"], { type: "text/javascript" }));
  const trial = new Worker(address);
  const may = await new Promise((resolve) => {
    trial.onmessage = () => resolve(true);
    trial.onerror = () => resolve(false);
  });
  trial.terminate();
  URL.revokeObjectURL(address);
  return may;
}

/**
 * Let the backend have a thread for each core, some at most. It takes half of the cores that it
 * sees, which of two is one, so that it is shown twice as many as it shall take.
 * @param {() => Promise<boolean>} start
 */
async function withThreads(start) {
  const value = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  tf.wasm.setThreadsCount(value);
  Object.defineProperty(navigator, CORES, { value: 2 * value, configurable: true });
  try {
    return await start();
  } finally {
    Reflect.deleteProperty(navigator, CORES);
  }
}
