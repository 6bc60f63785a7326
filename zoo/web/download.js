/**
 * The files of a model.
 *
 * @import { io } from "@tensorflow/tfjs-core"
 * @import { Source } from "./network.js"
 *
 * @typedef {{loaded: number, total: number}} Progress  In bytes.
 * @typedef {{model: io.ModelJSON, weights: ArrayBuffer}} Files  The content of model.json, and the
 *   bytes of all weights.
 */

/** @type {Record<string, number>} Bytes of an element. */
const SIZES = { float32: 4, float16: 2, int32: 4, uint16: 2, uint8: 1, bool: 1 };

/**
 * Fetch models, and tell how far it is.
 * @param {Source[]} sources  Addresses are absolute.
 * @param {(progress: Progress) => void} onprogress
 * @returns {Promise<Files[]>}
 * @throws {Error}  A file cannot be fetched, or is none of a model.
 */
export async function downloadAll(sources, onprogress) {
  const models = await Promise.all(
    sources.map((source) => (typeof source === "string" ? json(source) : null)),
  );
  const progress = {
    loaded: 0,
    total: models.reduce((sum, each) => sum + (each ? size(each) : 0), 0),
  };
  const onchunk = (/** @type {number} */ bytes) => {
    progress.loaded += bytes;
    onprogress(progress);
  };
  const files = [];
  for (const [i, source] of sources.entries()) {
    const model = models[i];
    if (typeof source !== "string") files.push(/** @type {Files} */ (source));
    else if (model) files.push({ model, weights: await weights(source, model, onchunk) });
  }
  return files;
}

/**
 * @param {string} address
 * @param {io.ModelJSON} model
 * @param {(bytes: number) => void} onchunk
 */
async function weights(address, model, onchunk) {
  const all = new Uint8Array(size(model));
  let end = 0;
  for (const path of model.weightsManifest.flatMap(({ paths }) => paths)) {
    for await (const chunk of chunks(await fetched(new URL(path, address)))) {
      if (end + chunk.length > all.length)
        throw new Error(`${path} is longer than its model says.`);
      all.set(chunk, end);
      end += chunk.length;
      onchunk(chunk.length);
    }
  }
  if (end < all.length) throw new Error(`The weights of ${address} end early.`);
  return all.buffer;
}

/** @param {io.ModelJSON} model */
const size = ({ weightsManifest }) =>
  weightsManifest.flatMap((group) => group.weights).reduce((sum, each) => sum + bytes(each), 0);

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
