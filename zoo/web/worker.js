/**
 * The engine's Worker: a network and the audio that it listens to.
 *
 * It is told {type: "load", …}, then for each job "open", "feed", "listen", "finish" and "close",
 * and tells "loaded", "result", "finished" and "failed": see `engine.js`.
 *
 * @import { Load, Open, Reply, JobRequest } from "./engine.js"
 * @import { Progress } from "./download.js"
 * @import { Runnable } from "./listening.js"
 * @import { Result } from "./prediction.js"
 *
 * @typedef {{job: number}} Job
 */

import "./tfjs/tf-core.es2017.min.js";
import "./tfjs/tf-converter.es2017.min.js";
import "./tfjs/tf-backend-wasm.es2017.min.js";

import { Listening } from "./listening.js";
import { downloadAll } from "./download.js";
import { Network } from "./network.js";
import { SharedNetwork } from "./shared-network.js";

const MOST_THREADS = 4; // more wait for each other
const BINARIES = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

/** @type {Map<number, Listening>} */
const jobs = new Map();
/** @type {Network[]} */
const networks = [];

/** @param {Reply} message */
const reply = (message) => postMessage(message);

/** @param {Load | (Job & JobRequest)} message */
async function handle(message) {
  if (message.type === "load") return load(message);
  if (message.type === "open") return open(message);
  const listening = jobs.get(message.job);
  if (message.type === "feed") listening?.feed(message.samples);
  if (message.type === "finish") listening?.finish();
  if (message.type === "close") listening?.close();
  if (message.type === "listen")
    message.port.onmessage = ({ data }) => jobs.get(message.job)?.feed(data);
}

/** @param {Load} message */
async function load({ sources, backend, wasm }) {
  const chosen = await choose(backend, wasm);
  const onprogress = (/** @type {Progress} */ progress) => reply({ type: "progress", ...progress });
  const loaded = [];
  for (const files of await downloadAll(sources, onprogress)) {
    const network = await Network.load(tf, files);
    networks.push(network);
    const milliseconds = await network.warm();
    loaded.push({ metadata: network.metadata, milliseconds, backend: chosen });
  }
  reply({ type: "loaded", networks: loaded });
}

/**
 * Networks as one, whose results hold the values of each.
 * @param {Network[]} chosen
 * @param {string[]} layers
 * @returns {unknown}
 */
const shared = (chosen, layers) => new SharedNetwork(chosen, layers);

/** @param {Job & Open} message */
async function open({ job, members, layers, ...options }) {
  const chosen = members.map((member) => networks[member]);
  const network = layers ? /** @type {Runnable} */ (shared(chosen, layers)) : chosen[0];
  const onresult = (/** @type {Result} */ result) => reply({ type: "result", job, result });
  const listening = new Listening(network, options, onresult);
  jobs.set(job, listening);
  await listening.run();
  jobs.delete(job);
  reply({ type: "finished", job });
}

/**
 * Make TensorFlow.js ready.
 * @param {Load["backend"]} wanted
 * @param {Load["wasm"]} wasm
 * @returns {Promise<Load["backend"]>}  WebGL where WebAssembly is forbidden.
 */
async function choose(wanted, wasm) {
  if (wanted === "wasm" && (await startWasm(wasm))) return wanted;
  if (!tf.findBackendFactory("webgl")) await import("./tfjs/tf-backend-webgl.es2017.min.js");
  if (await tf.setBackend("webgl")) return "webgl";
  if (wanted === "webgl") throw new Error("WebGL is not available here.");
  throw new Error(
    "WebAssembly cannot run in this page, perhaps because its Content-Security-Policy lacks " +
      "'wasm-unsafe-eval', and WebGL, which could run the model instead, is not available here.",
  );
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

/** @param {MessageEvent<Load | (Job & JobRequest)>} event */
onmessage = async ({ data }) => {
  const job = data.type === "load" ? undefined : data.job;
  try {
    await handle(data);
  } catch (error) {
    if (job !== undefined) jobs.delete(job);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    reply({ type: "failed", job, name, message });
  }
};
