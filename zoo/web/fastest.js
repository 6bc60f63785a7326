/**
 * WebGPU, where it says what WebAssembly says, and sooner.
 *
 * @import { Files } from "./download.js"
 * @import { Network } from "./network.js"
 *
 * @typedef {"wasm" | "webgpu"} Candidate
 * @typedef {object} Ready  A network that has run once.
 * @property {Network} network
 * @property {number} milliseconds  It takes for a patch.
 * @property {Float32Array} values  What it says of one.
 * @typedef {{read: () => Promise<string | undefined>, write: (found: Candidate) => Promise<void>}} Memory
 */

import { agree } from "./numbers.js";

const TOLERANCE = 1e-4;
const CACHE = "audiozoo";

/**
 * Load networks where they are fastest; of WebGPU only if it agrees with WebAssembly.
 * @template {Ready} R
 * @param {(candidate: Candidate) => Promise<R[]>} load  Makes it what TensorFlow.js uses, too.
 * @param {Memory} memory  What was found the last time.
 * @returns {Promise<R[]>}
 * @throws {Error}  They cannot be loaded with WebAssembly.
 */
export async function fastest(load, memory) {
  const known = await memory.read();
  const again = known && (await load(/** @type {Candidate} */ (known)).catch(() => null));
  if (again) return again;
  const usual = await load("wasm");
  const tried = await load("webgpu").catch(() => null);
  const better = tried !== null && allAgree(tried, usual) && time(tried) < time(usual);
  await memory.write(better ? "webgpu" : "wasm");
  (better ? usual : tried)?.forEach(({ network }) => network.dispose());
  if (better) return tried;
  await tf.setBackend("wasm");
  return usual;
}

/** @param {Ready[]} networks */
const time = (networks) => networks.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

/**
 * @param {Ready[]} tried
 * @param {Ready[]} usual
 */
const allAgree = (tried, usual) =>
  usual.every(({ values }, network) => agree(values, tried[network].values, TOLERANCE));

/** The graphics card, if the browser lets a page compute with it. */
export async function graphicsCard() {
  return (await globalThis.navigator?.gpu?.requestAdapter().catch(() => null)) ?? null;
}

/**
 * What is known of networks in this browser; it is kept where the browser lets a page keep it.
 * @param {Files[]} files
 * @param {GraphicsCard} card
 * @returns {Promise<Memory>}
 */
export async function memoryOf(files, { info }) {
  const digests = await Promise.all(files.map(({ weights }) => digest(weights)));
  const card = [info?.vendor, info?.architecture];
  const browser = [navigator.userAgent, ...card, globalThis.crossOriginIsolated];
  const words = encodeURIComponent(JSON.stringify([...browser, tf.version_core, ...digests]));
  const key = `${globalThis.origin}/audiozoo/fastest?${words}`;
  const cache = await opened().catch(() => undefined); // a frame may be forbidden to keep things
  return {
    read: async () => (await cache?.match(key))?.text(),
    write: async (found) => cache?.put(key, new Response(found)).catch(() => {}), // a disk is full
  };
}

async function opened() {
  return caches.open(CACHE);
}

/** @param {ArrayBuffer} data */
async function digest(data) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
