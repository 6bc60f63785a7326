/** A network of TensorFlow.js that has its front-end with it. */

/**
 * @import { Tensor } from "@tensorflow/tfjs-core"
 * @import { Listed } from "./descriptors.js"
 * @import { Files } from "./download.js"
 * @import { Cut } from "./overlap.js"
 *
 * @typedef {string | URL | {model: object, weights: ArrayBuffer}} Source  The address of a
 *   model.json or its folder; or the content of model.json and the bytes of all its weights.
 *
 * @typedef {object} Metadata  What `zoo export` says of a model.
 * @property {string} id
 * @property {string} algorithm
 * @property {string[]} classes
 * @property {string} license
 * @property {Record<string, string>} outputs  Names of layers, and what each is for.
 * @property {string} input
 * @property {boolean} normalize
 * @property {number} sample_rate  In hertz.
 * @property {{frames: number, hop: number}} patch  In frames.
 * @property {{frame: number, hop: number, valid: number, bands?: number}} frontend  In samples.
 * @property {Extractor} [extractor]  Of a head.
 * @property {Cut} [overlap]  Where patches that overlap have something in common.
 * @property {{schema: {inputs: {name: string}[]}, zoo?: Block} & Record<string, unknown>} record
 *
 * @typedef {object} Extractor  Whose embeddings a head reads.
 * @property {string} id
 * @property {string} layer  Its own name of the layer.
 * @property {string} node  What the layer is called in this graph.
 *
 * @typedef {object} Block  What records have beyond Essentia's own metadata; some of it.
 * @property {Record<string, string>} [display_classes]
 * @property {Listed[]} [descriptors]
 * @property {[number, number]} [scale]
 */

import { Graph, rows, values } from "./graph.js";
import { agree, joined } from "./numbers.js";
import { CutNetwork, Overlap } from "./overlap.js";

const AUDIO = "audio";
const SIGNAL = "signal"; // the node behind the normalisation of a whole clip, where there is one
const FEATURES = "melspectrogram"; // the node between front-end and patches
const SECONDS = 0.5; // of sound, to wake the front-end up
const BATCH = 64; // frames of samples that a network reads at once
const TOLERANCE = 1e-5; // of what a network in two parts says

/** A graph model with what its metadata say of it. */
export class Network {
  #tf;
  #graph;
  /** @type {CutNetwork | null} */
  #cut = null;

  /**
   * @param {TensorFlow} tf  Core, converter and the backend.
   * @param {Files} files
   * @returns {Promise<Network>}
   * @throws {Error}  It has no front-end.
   */
  static async load(tf, files) {
    const graph = await Graph.load(tf, files);
    const { zoo: metadata } = /** @type {{zoo?: Metadata}} */ (graph.model.metadata ?? {});
    if (metadata?.input !== AUDIO)
      throw new Error("The model has no front-end: zoo export … --to tfjs --with-frontend");
    return new Network(tf, graph, metadata);
  }

  /**
   * @private
   * @param {TensorFlow} tf
   * @param {Graph} graph
   * @param {Metadata} metadata
   */
  constructor(tf, graph, metadata) {
    this.#tf = tf;
    this.#graph = graph;
    /** What `zoo export` says of the model. */
    this.metadata = metadata;
    const { bands, frame, hop } = metadata.frontend;
    /** Values a frame. */
    this.width = bands ?? frame;
    /** The length of a patch. */
    this.seconds = (metadata.patch.frames * hop) / metadata.sample_rate;
    /** Whether it reads frames of samples, each for itself, instead of patches of features. */
    this.readsSamples = bands === undefined;
    /** How many patches are asked about at once. */
    this.batch = this.readsSamples ? BATCH : 1;
    const { overlap, patch } = metadata;
    if (overlap && tf.getBackend() === "wasm")
      this.#cut = new CutNetwork(tf, graph.model, overlap, FEATURES, [patch.frames, this.width]);
  }

  /**
   * The name of a layer.
   * @param {string} asked  What it is for, or its name.
   * @throws {RangeError}  There is no such layer.
   */
  layer(asked) {
    const { outputs } = this.metadata;
    const found = Object.keys(outputs).find((name) => name === asked || outputs[name] === asked);
    if (!found) throw new RangeError(`${this.metadata.id} has no layer ${asked}.`);
    return found;
  }

  /**
   * Compute the features of a piece of audio, that is normalised already if it has to be.
   * @param {Float32Array} samples
   * @returns {Promise<Float32Array>}  [frames, width]
   */
  async features(samples) {
    const input = this.metadata.normalize ? SIGNAL : AUDIO;
    const feed = this.#tf.tensor1d(samples);
    const [output] = await this.#graph.tensors({ [input]: feed }, [FEATURES]);
    feed.dispose();
    return values(output);
  }

  /**
   * Ask the network about patches, or about frames of samples.
   * @param {Float32Array[]} patches  At most `batch` of them, each [frames, width].
   * @param {string} layer  Its name.
   * @param {Overlap} [overlap]  Of the audio that they come from, one after the other.
   * @returns {Promise<Float32Array[]>}
   */
  async run(patches, layer, overlap) {
    return (await this.runAll(patches, layer, [], overlap)).rows;
  }

  /**
   * Ask the network about patches, and keep what some of its nodes give besides.
   * @param {Float32Array[]} patches
   * @param {string} layer  Its name.
   * @param {string[]} nodes
   * @param {Overlap} [overlap]
   * @returns {Promise<{rows: Float32Array[], kept: Tensor[]}>}  Dispose of what is kept.
   */
  async runAll(patches, layer, nodes, overlap) {
    const wanted = [layer, ...nodes];
    const cut = overlap && this.#cut?.run(patches[0], wanted, overlap);
    const [output, ...kept] = cut ?? (await this.#whole(patches, wanted));
    return { rows: await rows(output, patches.length), kept };
  }

  /**
   * Run patches, each for itself.
   * @param {Float32Array[]} patches
   * @param {string[]} nodes
   */
  async #whole(patches, nodes) {
    const input = this.readsSamples ? this.metadata.record.schema.inputs[0].name : FEATURES;
    const frames = joined(patches);
    const feed = this.#tf.tensor2d(frames, [frames.length / this.width, this.width]);
    const found = await this.#graph.tensors({ [input]: feed }, nodes);
    feed.dispose();
    return found;
  }

  /**
   * Ask a head about the embeddings of its extractor.
   * @param {Tensor} embeddings  Of some patches; they are kept.
   * @param {string} layer  Its name.
   * @param {number} patches  How many.
   * @returns {Promise<Float32Array[]>}
   */
  async follow(embeddings, layer, patches) {
    const { node } = /** @type {Extractor} */ (this.metadata.extractor);
    const [output] = await this.#graph.tensors({ [node]: embeddings }, [layer]);
    return rows(output, patches);
  }

  /**
   * The node of this graph that gives what a head reads: of the extractor, or of another head.
   * @param {Extractor} wanted
   * @returns {string | undefined}
   */
  nodeOf({ id, layer }) {
    const { extractor, outputs } = this.metadata;
    if (extractor?.id === id && extractor.layer === layer) return extractor.node;
    return this.metadata.id === id && layer in outputs ? layer : undefined;
  }

  /**
   * Let it run, once in vain: the first time takes longer. In two parts it runs only if it says the
   * same so.
   * @returns {Promise<{milliseconds: number, values: Float32Array}>}  How long it takes for a patch
   *   after that, and what it says of it.
   */
  async warm() {
    const { patch, sample_rate } = this.metadata;
    const sound = sweeps(SECONDS * sample_rate);
    const heard = this.readsSamples ? sound : await this.features(sound);
    const [size, hop] = [patch.frames * this.width, patch.hop * this.width];
    const trial = Float32Array.from({ length: hop + size }, (_, i) => heard[i % heard.length]);
    const [first, second] = [trial.slice(0, size), trial.slice(hop)];
    const attempt = this.#cut && this.#timed([first, second], new Overlap(patch.hop));
    const shared = await attempt?.catch(() => null);
    const usual = await this.#timed(shared ? [second] : [first, second]);
    if (shared && agree(usual.values, shared.values, TOLERANCE)) return shared;
    this.#cut = null;
    return usual;
  }

  /**
   * Run patches, one by one, and tell of the last one.
   * @param {Float32Array[]} patches
   * @param {Overlap} [overlap]
   */
  async #timed(patches, overlap) {
    const [layer] = Object.keys(this.metadata.outputs);
    let start = 0;
    /** @type {Float32Array} */
    let values = new Float32Array(0);
    try {
      for (const patch of patches) {
        start = performance.now();
        [values] = await this.run([patch], layer, overlap);
      }
      return { milliseconds: performance.now() - start, values };
    } finally {
      overlap?.dispose();
    }
  }

  /**
   * Go on with the backend that TensorFlow.js has now, as the one before was lost.
   * @param {Files} files
   */
  async move(files) {
    this.#graph = await Graph.load(this.#tf, files);
  }

  /** Give its memory back. */
  dispose() {
    this.#graph.dispose();
  }
}

/**
 * A sound of all frequencies, the same each time.
 * @param {number} length  In samples.
 */
function sweeps(length) {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * i * 1e-3) / 2);
}
