/**
 * A model that reads descriptors, in a page: a network so small that it needs no Worker.
 *
 * @import { GraphModel } from "@tensorflow/tfjs-converter"
 * @import { Tensor } from "@tensorflow/tfjs-core"
 * @import { Descriptors, Listed } from "./descriptors.js"
 * @import { Metadata } from "./network.js"
 *
 * @typedef {object} Told  What a model says of descriptors.
 * @property {Float32Array} activations  One value a class.
 * @property {string[]} notes  What is to be known of it.
 */

import { row } from "./descriptors.js";
import { isNewer, translated } from "./generations.js";
import { parts } from "./parts.js";

/** A model that can be asked about descriptors. */
export class DescriptorModel {
  #graph;
  #input;
  #listed;

  /**
   * Load a model that `zoo export` wrote for TensorFlow.js.
   * @param {string} folder  Its address.
   * @returns {Promise<DescriptorModel>}
   * @throws {Error}  It cannot be fetched, or reads no descriptors.
   */
  static async load(folder) {
    await import("./tfjs/tf-core.es2017.min.js");
    await import("./tfjs/tf-converter.es2017.min.js");
    await import("./tfjs/tf-backend-wasm.es2017.min.js");
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.wasm.setWasmPaths(parts.wasm);
    if (!(await tf.setBackend("wasm"))) throw new Error("WebAssembly cannot run in this page.");
    await tf.ready();
    const address = new URL(`${folder.replace(/\/$/, "")}/model.json`, parts.base);
    const graph = await tf.loadGraphModel(address.href);
    const { zoo } = /** @type {{zoo?: Metadata}} */ (graph.metadata ?? {});
    const listed = zoo?.record.zoo?.descriptors;
    if (!zoo || !listed) throw new Error("The model does not say which descriptors it reads.");
    return new DescriptorModel(graph, zoo, listed);
  }

  /**
   * @private
   * @param {GraphModel} graph
   * @param {Metadata} metadata
   * @param {Listed[]} listed
   */
  constructor(graph, metadata, listed) {
    this.#graph = graph;
    this.#input = metadata.input;
    this.#listed = listed;
    /** @type {string} */
    this.id = metadata.id;
    /** @type {string[]} */
    this.classes = metadata.classes;
    /** @type {Metadata["record"]} */
    this.record = metadata.record;
  }

  /**
   * Ask about descriptors.
   * @param {Descriptors} descriptors  See `read`.
   * @returns {Promise<Told>}
   * @throws {RangeError}  Some are missing, or are not what the model reads.
   */
  async predict(descriptors) {
    const names = this.#listed.map(({ name }) => name);
    const { values, unknown } = row(translated(descriptors, names), this.#listed);
    const feed = tf.tensor2d(values, [1, values.length]);
    const output = /** @type {Tensor} */ (this.#graph.execute({ [this.#input]: feed }));
    const activations = /** @type {Float32Array} */ (await output.data());
    tf.dispose([feed, output]);
    const notes = unknown.map((text) => `The model does not know ${text}: do not rely on it.`);
    if (isNewer(descriptors, names))
      notes.unshift(
        "It was made with descriptors of an older extractor: from those of today's, it does not " +
          "give the numbers that its authors had.",
      );
    return { activations, notes };
  }
}
