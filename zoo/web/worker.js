/**
 * The engine's Worker: a network and the audio that it listens to.
 *
 * It is told {type: "load", …}, then for each job "open", "feed", "listen", "finish" and "close",
 * and tells "loaded", "result", "finished", "failed" and "lost": see `engine.js`.
 *
 * @import { Backend, Load, Open, Reply, JobRequest } from "./engine.js"
 * @import { Files, Progress } from "./download.js"
 * @import { Runnable } from "./listening.js"
 * @import { Result } from "./prediction.js"
 *
 * @typedef {{job: number}} Job
 */

import "./tfjs/tf-core.es2017.min.js";
import "./tfjs/tf-converter.es2017.min.js";
import "./tfjs/tf-backend-wasm.es2017.min.js";

import { start } from "./backend.js";
import { Card } from "./card.js";
import { downloadAll } from "./download.js";
import { fastest, graphicsCard, memoryOf } from "./fastest.js";
import { Listening } from "./listening.js";
import { Network } from "./network.js";
import { SharedNetwork } from "./shared-network.js";

/** @type {Map<number, Listening>} */
const jobs = new Map();
/** @type {Network[]} */
const networks = [];

/** @type {Card | null} */
let card = null;

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
async function load({ sources, backend, wasm, threads }) {
  reply({ type: "starting" });
  const started = await start(backend ?? "wasm", wasm, threads);
  reply({ type: "started" });
  const onprogress = (/** @type {Progress} */ progress) => reply({ type: "progress", ...progress });
  const files = await downloadAll(sources, onprogress);
  const other = backend || started !== "wasm" ? null : await graphicsCard();
  const again = async (/** @type {Backend} */ wanted) =>
    ready(files, await start(wanted, wasm, threads));
  const chosen = other ? fastest(again, await memoryOf(files, other)) : ready(files, started);
  const loaded = (await chosen).map(({ network, milliseconds, backend }) => {
    networks.push(network);
    const threads = backend === "wasm" ? tf.wasm.getThreadsCount() : 1;
    return { metadata: network.metadata, milliseconds, backend, threads };
  });
  card = Card.used(() => moveToWasm(sources, wasm, threads));
  reply({ type: "loaded", networks: loaded });
}

/**
 * Go on with WebAssembly.
 * @param {Load["sources"]} sources
 * @param {Load["wasm"]} wasm
 * @param {Load["threads"]} threads
 */
async function moveToWasm(sources, wasm, threads) {
  if ((await start("wasm", wasm, threads)) !== "wasm")
    throw new Error("The graphics card was lost, and WebAssembly cannot run in this page.");
  const files = await downloadAll(sources, () => {});
  for (const [i, network] of networks.entries()) await network.move(files[i]);
  reply({ type: "lost" });
}

/**
 * Networks that have run once.
 * @param {Files[]} files
 * @param {Backend} backend  The one that is started.
 */
async function ready(files, backend) {
  const made = [];
  const used = Card.used();
  for (const each of files) {
    const network = await Network.load(tf, each);
    const warm = () => network.warm();
    made.push({ network, backend, ...(await (used?.lasting(warm) ?? warm())) });
  }
  return made;
}

/**
 * Networks as one, whose results hold the values of each.
 * @param {Network[]} chosen
 * @param {string[]} layers
 * @returns {unknown}
 */
const shared = (chosen, layers) => new SharedNetwork(chosen, layers);

/**
 * A network that goes on when the graphics card is lost.
 * @param {Runnable} network
 * @returns {Runnable}
 */
function lasting(network) {
  const { metadata, width, seconds, batch, readsSamples } = network;
  /** @type {Card["lasting"]} */
  const ask = (work) => card?.lasting(work) ?? work();
  return {
    ...{ metadata, width, seconds, batch, readsSamples },
    layer: (asked) => network.layer(asked),
    features: (samples) => ask(() => network.features(samples)),
    run: (...asked) => ask(() => network.run(...asked)),
  };
}

/** @param {Job & Open} message */
async function open({ job, members, layers, ...options }) {
  const chosen = members.map((member) => networks[member]);
  const network = layers ? /** @type {Runnable} */ (shared(chosen, layers)) : chosen[0];
  const onresult = (/** @type {Result} */ result) => reply({ type: "result", job, result });
  const listening = new Listening(lasting(network), options, onresult);
  jobs.set(job, listening);
  await listening.run();
  jobs.delete(job);
  reply({ type: "finished", job });
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
