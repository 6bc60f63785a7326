/**
 * The files of a model.
 *
 * @import { io } from "@tensorflow/tfjs-core"
 * @import { Source } from "./network.js"
 *
 * @typedef {{loaded: number, total: number}} Progress  In bytes.
 * @typedef {{model: io.ModelJSON, weights: ArrayBuffer}} Files  The content of model.json, and the
 *   bytes of all weights.
 * @typedef {io.WeightsManifestConfig[number] & {sha256?: string}} Group  Weights in files of their own.
 */

/** @type {Record<string, number>} Bytes of an element. */
const SIZES = { float32: 4, float16: 2, int32: 4, uint16: 2, uint8: 1, bool: 1 };

/**
 * Fetch models, and tell how far it is. Weights that several have, as those of one extractor, are
 * fetched once.
 * @param {Source[]} sources  Addresses are absolute.
 * @param {(progress: Progress) => void} onprogress
 * @returns {Promise<Files[]>}
 * @throws {Error}  A file cannot be fetched, or is none of a model.
 */
export async function downloadAll(sources, onprogress) {
  const models = await Promise.all(
    sources.map((source) => (typeof source === "string" ? json(source) : null)),
  );
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const [i, source] of sources.entries())
    for (const group of models[i]?.weightsManifest ?? [])
      sizes.set(key(String(source), group), size(group));
  const progress = { loaded: 0, total: sum(sizes.values()) };
  const onchunk = (/** @type {number} */ bytes) => {
    progress.loaded += bytes;
    onprogress(progress);
  };
  /** @type {Map<string, Uint8Array>} */
  const known = new Map();
  const files = [];
  for (const [i, source] of sources.entries()) {
    const model = models[i];
    if (typeof source !== "string") files.push(/** @type {Files} */ (source));
    else if (model) files.push({ model, weights: await weights(source, model, known, onchunk) });
  }
  return files;
}

/**
 * @param {string} address
 * @param {io.ModelJSON} model
 * @param {Map<string, Uint8Array>} known  Groups that are there already; these are added.
 * @param {(bytes: number) => void} onchunk
 */
async function weights(address, { weightsManifest }, known, onchunk) {
  const all = new Uint8Array(sum(weightsManifest.map(size)));
  let end = 0;
  for (const group of weightsManifest) {
    const part = all.subarray(end, (end += size(group)));
    const found = known.get(key(address, group));
    if (found) part.set(found);
    else await fill(part, address, group, onchunk);
    known.set(key(address, group), part);
  }
  return all.buffer;
}

/**
 * @param {Uint8Array} all
 * @param {string} address
 * @param {Group} group
 * @param {(bytes: number) => void} onchunk
 */
async function fill(all, address, { paths }, onchunk) {
  let end = 0;
  for (const path of paths) {
    for await (const chunk of chunks(await fetched(new URL(path, address)))) {
      if (end + chunk.length > all.length)
        throw new Error(`${path} is longer than its model says.`);
      all.set(chunk, end);
      end += chunk.length;
      onchunk(chunk.length);
    }
  }
  if (end < all.length) throw new Error(`The weights of ${address} end early.`);
}

/**
 * What groups of the same bytes have in common: their digest, of which a host is believed what it
 * says of its own files.
 * @param {string} address
 * @param {Group} group
 */
function key(address, { sha256, paths }) {
  const { origin, href } = new URL(paths[0] ?? "", address);
  return sha256 ? `${origin} ${sha256}` : href;
}

/** @param {Group} group */
const size = ({ weights }) => sum(weights.map(bytes));

/** @param {Iterable<number>} numbers */
const sum = (numbers) => [...numbers].reduce((total, number) => total + number, 0);

/**
 * @param {string} address
 * @returns {Promise<io.ModelJSON>}
 */
async function json(address) {
  const response = await fetched(new URL(address));
  const model = await response.json().catch(() => null);
  if (Array.isArray(model?.weightsManifest)) return model;
  throw new Error(`${address} is no model of TensorFlow.js.`);
}

/** @param {URL} address */
async function fetched(address) {
  const response = await fetch(address).catch((error) => {
    throw new Error(`${address} cannot be fetched.`, { cause: error });
  });
  if (!response.ok) throw new Error(`${address} cannot be fetched: HTTP ${response.status}.`);
  return response;
}

/** @param {Response} response */
async function* chunks({ body }) {
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
    yield next.value;
}

/** @param {io.WeightsManifestEntry} weight */
function bytes({ shape, dtype, quantization }) {
  return shape.reduce((product, size) => product * size, SIZES[quantization?.dtype ?? dtype]);
}
