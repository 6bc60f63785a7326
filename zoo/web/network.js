/** A network of TensorFlow.js that has its front-end with it. */

const FEATURES = "melspectrogram"; // the node between front-end and patches
const SECONDS = 0.5; // of silence, to wake the front-end up

/** A graph model with what its metadata say of it. */
export class Network {
  #tf;
  #graph;

  /**
   * @param {object} tf  TensorFlow.js: core, converter and the backend.
   * @param {string | {model: object, weights: ArrayBuffer}} source  See `Model.load`.
   * @returns {Promise<Network>}
   * @throws {Error}  It cannot be fetched, or has no front-end.
   */
  static async load(tf, source) {
    const handler = typeof source === "string" ? source : { load: async () => artifacts(source) };
    const graph = await tf.loadGraphModel(handler);
    const meaning = graph.metadata?.zoo;
    if (meaning?.input !== "audio")
      throw new Error("The model has no front-end: zoo export … --to tfjs --with-frontend");
    return new Network(tf, graph, meaning);
  }

  /** @private */
  constructor(tf, graph, meaning) {
    this.#tf = tf;
    this.#graph = graph;
    /** What `zoo export` says of the model. */
    this.meaning = meaning;
    /** Values a frame. */
    this.width = meaning.frontend.bands ?? meaning.frontend.frame;
  }

  /**
   * The name of a layer.
   * @param {string} asked  What it is for, or its name.
   * @throws {RangeError}  There is no such layer.
   */
  layer(asked) {
    const { outputs } = this.meaning;
    const found = Object.keys(outputs).find((name) => name === asked || outputs[name] === asked);
    if (!found) throw new RangeError(`${this.meaning.id} has no layer ${asked}.`);
    return found;
  }

  /**
   * Compute the features of a piece of audio.
   * @param {Float32Array} samples
   * @returns {Promise<Float32Array>}  [frames, width]
   */
  features(samples) {
    return this.#execute({ audio: this.#tf.tensor1d(samples) }, FEATURES);
  }

  /**
   * Ask the network about one patch.
   * @param {Float32Array} patch  [frames, width]
   * @param {string} layer  Its name.
   * @returns {Promise<Float32Array>}
   */
  run(patch, layer) {
    const shape = [patch.length / this.width, this.width];
    return this.#execute({ [FEATURES]: this.#tf.tensor2d(patch, shape) }, layer);
  }

  /**
   * Let it run once in vain: the first time takes longer.
   * @returns {Promise<number>}  How long it takes after that, in milliseconds.
   */
  async warm() {
    const { patch, sample_rate } = this.meaning;
    const layer = this.layer("predictions");
    const silence = new Float32Array(patch.frames * this.width);
    await this.features(new Float32Array(SECONDS * sample_rate));
    await this.run(silence, layer);
    const start = performance.now();
    await this.run(silence, layer);
    return performance.now() - start;
  }

  async #execute(inputs, layer) {
    const output = this.#graph.execute(inputs, layer);
    const values = await output.data();
    this.#tf.dispose([inputs, output]);
    return values;
  }
}

/** What TensorFlow.js wants of a model that is held in memory. */
function artifacts({ model, weights }) {
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { ...model, weightSpecs, weightData: weights };
}
