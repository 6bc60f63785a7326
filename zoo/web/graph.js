/** A graph model of TensorFlow.js, asked for the values of its nodes. */

/**
 * @import { GraphModel } from "@tensorflow/tfjs-converter"
 * @import { NamedTensorMap, Tensor, io } from "@tensorflow/tfjs-core"
 * @import { Files } from "./download.js"
 */

/** A graph in memory. */
export class Graph {
  /** @type {Set<string>} */
  #dynamic = new Set();

  /**
   * @param {TensorFlow} tf
   * @param {Files} files
   * @returns {Promise<Graph>}
   */
  static async load(tf, files) {
    return new Graph(await tf.loadGraphModel({ load: async () => artifacts(files) }));
  }

  /**
   * @private
   * @param {GraphModel} model
   */
  constructor(model) {
    /** TensorFlow.js's own. */
    this.model = model;
  }

  /**
   * @param {NamedTensorMap} inputs
   * @param {string[]} nodes
   * @returns {Promise<Tensor[]>}
   */
  async tensors(inputs, nodes) {
    const found = await this.#asked(inputs, nodes);
    return Array.isArray(found) ? found : [found];
  }

  /** Give its memory back. */
  dispose() {
    this.model.dispose();
  }

  /**
   * @param {NamedTensorMap} inputs
   * @param {string[]} nodes
   * @returns {Tensor | Tensor[] | Promise<Tensor | Tensor[]>}
   */
  #asked(inputs, nodes) {
    if (nodes.some((node) => this.#dynamic.has(node)))
      return this.model.executeAsync(inputs, nodes);
    try {
      return this.model.execute(inputs, nodes);
    } catch (error) {
      if (!String(error).includes("executeAsync")) throw error;
      for (const node of nodes) this.#dynamic.add(node); // behind loops, or of unknown shapes
      return this.model.executeAsync(inputs, nodes);
    }
  }
}

/**
 * The values of a tensor, whose memory is given back.
 * @param {Tensor} tensor
 */
export async function values(tensor) {
  const found = /** @type {Float32Array} */ (await tensor.data());
  tensor.dispose();
  return found;
}

/**
 * The rows of a tensor, whose memory is given back.
 * @param {Tensor} tensor
 * @param {number} count
 */
export async function rows(tensor, count) {
  const found = await values(tensor);
  const size = found.length / count;
  return Array.from({ length: count }, (_, i) => found.slice(i * size, (i + 1) * size));
}

/**
 * What TensorFlow.js wants of a model that is held in memory.
 * @param {Files} files
 * @returns {io.ModelArtifacts}
 */
function artifacts({ model, weights }) {
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { ...model, weightSpecs, weightData: weights };
}
