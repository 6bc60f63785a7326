/**
 * Networks that read the same patches as one.
 *
 * @import { Tensor } from "@tensorflow/tfjs-core"
 * @import { Network } from "./network.js"
 * @import { Overlap } from "./overlap.js"
 */

/** Networks of one front-end: it runs once, and so does an extractor that several heads read. */
export class SharedNetwork {
  #networks;
  #layers;

  /**
   * @param {Network[]} networks  Their front-ends and patches are equal.
   * @param {string[]} layers  The name or the purpose of one of each.
   */
  constructor(networks, layers) {
    const [first] = networks;
    this.#networks = networks;
    this.#layers = networks.map((network, i) => network.layer(layers[i]));
    this.metadata = first.metadata;
    this.width = first.width;
    this.seconds = first.seconds;
    this.readsSamples = first.readsSamples;
    this.batch = first.batch;
  }

  /** @param {string} asked */
  layer(asked) {
    return asked;
  }

  /** @param {Float32Array} samples */
  features(samples) {
    return this.#networks[0].features(samples);
  }

  /**
   * Ask all networks about patches.
   * @param {Float32Array[]} patches
   * @param {string} [_]  The layers are chosen already.
   * @param {Overlap} [overlap]  Of the audio that they come from.
   * @returns {Promise<Float32Array[][]>}  Of each patch, the values of each network.
   */
  async run(patches, _, overlap) {
    /** @type {Map<string, Tensor>} */
    const embeddings = new Map();
    /** @type {Float32Array[][]} */
    const rows = [];
    try {
      for (const [i, network] of this.#networks.entries())
        rows.push(await this.#ask(network, patches, this.#layers[i], embeddings, overlap));
    } finally {
      for (const tensor of embeddings.values()) tensor.dispose();
    }
    return patches.map((_, patch) => rows.map((row) => row[patch]));
  }

  /**
   * Ask one network, with the embeddings of its extractor if another one had them already.
   * @param {Network} network
   * @param {Float32Array[]} patches
   * @param {string} layer
   * @param {Map<string, Tensor>} embeddings  By extractor and layer.
   * @param {Overlap} [overlap]
   */
  async #ask(network, patches, layer, embeddings, overlap) {
    const { extractor } = network.metadata;
    const key = extractor && `${extractor.id} ${extractor.layer}`;
    const known = key && embeddings.get(key);
    if (known) return network.follow(known, layer, patches.length);
    const wanted = this.#wanted(network);
    const nodes = Object.values(wanted);
    const { rows, kept } = await network.runAll(patches, layer, nodes, overlap);
    Object.keys(wanted).forEach((name, i) => embeddings.set(name, kept[i]));
    return rows;
  }

  /**
   * The embeddings that a network has and others read: its nodes, by extractor and layer.
   * @param {Network} network
   */
  #wanted(network) {
    /** @type {Record<string, string>} */
    const nodes = {};
    for (const other of this.#networks) {
      const { extractor } = other.metadata;
      const node = other !== network && extractor && network.nodeOf(extractor);
      if (node) nodes[`${extractor.id} ${extractor.layer}`] = node;
    }
    return nodes;
  }
}
