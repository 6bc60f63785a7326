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
  await choose(backend, wasm);
  const onprogress = (/** @type {Progress} */ progress) => reply({ type: "progress", ...progress });
  const loaded = [];
  for (const files of await downloadAll(sources, onprogress)) {
    const network = await Network.load(tf, files);
    networks.push(network);
    loaded.push({ metadata: network.metadata, milliseconds: await network.warm() });
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
 * Make TensorFlow.js ready. Threads need a page that is isolated, by two headers of its host.
 * @param {Load["backend"]} backend
 * @param {Load["wasm"]} wasm
 */
async function choose(backend, wasm) {
  if (backend === "wasm") {
    const isolated = globalThis.crossOriginIsolated === true;
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", isolated);
    if (isolated) tf.wasm.setThreadsCount(Math.min(MOST_THREADS, navigator.hardwareConcurrency));
    const whole = typeof wasm === "string" && /^(data|blob):/.test(wasm);
    tf.wasm.setWasmPaths(whole ? Object.fromEntries(BINARIES.map((name) => [name, wasm])) : wasm);
  } else if (!tf.findBackendFactory(backend)) {
    await import("./tfjs/tf-backend-webgl.es2017.min.js");
  }
  if (!(await tf.setBackend(backend)))
    throw new Error(`The backend ${backend} is not available here.`);
  await tf.ready();
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
