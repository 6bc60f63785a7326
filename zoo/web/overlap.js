/**
 * What overlapping patches have in common, computed once.
 *
 * The first part of a network is local in time: each of its frames sees few of a patch. So it runs
 * over the frames that a patch adds to the one before, and takes over the others. Near its ends a
 * patch has its own padding: the last frames come with those that are new, the first ones are
 * computed besides.
 *
 * @import { GraphModel } from "@tensorflow/tfjs-converter"
 * @import { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core"
 *
 * @typedef {object} Local  What the second part of a network reads of the first.
 * @property {string} node
 * @property {number} axis  Of its frames.
 * @property {number} before  How many frames ahead of its own each frame sees.
 * @property {number} after
 *
 * @typedef {object} Cut  Where `zoo export` found that patches which overlap are worth it.
 * @property {string} node  That of the patches.
 * @property {number} axis  Of their frames.
 * @property {Local[]} tensors
 *
 * @typedef {{patch: Float32Array, inner: Tensor[]}} Kept  A patch, and its frames that no padding
 *   is near, of each tensor.
 */

/** The patches of one piece of audio, and what networks keep of the last one. */
export class Overlap {
  /** @type {Map<object, Kept>} */
  #kept = new Map();

  /** @param {number} hop  From patch to patch, in frames. */
  constructor(hop) {
    this.hop = hop;
  }

  /** @param {object} network */
  of(network) {
    return this.#kept.get(network);
  }

  /**
   * @param {object} network
   * @param {Kept} kept  In the place of what it kept before.
   */
  keep(network, kept) {
    this.#forget(network);
    this.#kept.set(network, kept);
  }

  /** Give the memory back. */
  dispose() {
    for (const network of this.#kept.keys()) this.#forget(network);
  }

  /** @param {object} network */
  #forget(network) {
    this.of(network)?.inner.forEach((tensor) => tensor.dispose());
    this.#kept.delete(network);
  }
}

/** A network in two parts. */
export class CutNetwork {
  #tf;
  #graph;
  #cut;
  #features;
  #frames;
  #width;

  /**
   * @param {TensorFlow} tf
   * @param {GraphModel} graph
   * @param {Cut} cut
   * @param {string} features  The node that is fed a patch.
   * @param {[number, number]} shape  Of a patch: frames, and values a frame.
   */
  constructor(tf, graph, cut, features, [frames, width]) {
    this.#tf = tf;
    this.#graph = graph;
    this.#cut = cut;
    this.#features = features;
    this.#frames = frames;
    this.#width = width;
  }

  /**
   * Run a patch.
   * @param {Float32Array} patch
   * @param {string[]} outputs
   * @param {Overlap} overlap  Where it comes from.
   * @returns {Tensor[] | null}  Null where nothing is gained at this distance of patches.
   */
  run(patch, outputs, overlap) {
    const [hop, frames] = [overlap.hop, this.#frames];
    const tensors = this.#cut.tensors.filter(
      ({ before, after }) => hop + 2 * (before + after) < frames,
    );
    if (!tensors.length) return null;
    const last = overlap.of(this);
    const follows = last !== undefined && this.#follows(last.patch, patch, hop);
    const [found, inner] = this.#tf.tidy(() => {
      const features = this.#tf.tensor2d(patch, [frames, this.#width]);
      const [fed] = this.#execute({ [this.#features]: features }, [this.#cut.node]);
      const locals = follows
        ? tensors.map((local, i) => this.#continued(local, last.inner[i], fed, hop))
        : this.#first(fed, tensors);
      /** @type {NamedTensorMap} */
      const second = { [this.#cut.node]: fed };
      tensors.forEach(({ node }, i) => (second[node] = locals[i]));
      const inner = tensors.map(({ axis, before, after }, i) =>
        this.#part(locals[i], axis, before, frames - after),
      );
      return [this.#execute(second, outputs), inner];
    });
    overlap.keep(this, { patch, inner });
    return found;
  }

  /**
   * Whether a patch begins a hop after another one: live, some are left out.
   * @param {Float32Array} one
   * @param {Float32Array} other
   * @param {number} hop
   */
  #follows(one, other, hop) {
    return one.subarray(hop * this.#width).every((value, i) => value === other[i]);
  }

  /**
   * A tensor of the first part, for a patch that follows another one.
   * @param {Local} local
   * @param {Tensor} inner  What was kept of the other one.
   * @param {Tensor} fed  The patch.
   * @param {number} hop
   */
  #continued(local, inner, fed, hop) {
    const { axis, before, after } = local;
    const some = (/** @type {number} */ start, /** @type {number} */ end) =>
      this.#first(this.#part(fed, this.#cut.axis, start, end), [local])[0];
    const reach = before + after;
    const parts = [
      this.#part(inner, axis, hop),
      this.#part(some(this.#frames - hop - reach, this.#frames), axis, before),
    ];
    if (before) parts.unshift(this.#part(some(0, reach), axis, 0, before));
    return this.#tf.concat(parts, axis);
  }

  /**
   * Run the first part over some frames.
   * @param {Tensor} frames
   * @param {Local[]} tensors
   */
  #first(frames, tensors) {
    const nodes = tensors.map(({ node }) => node);
    return this.#execute({ [this.#cut.node]: frames }, nodes);
  }

  /**
   * @param {NamedTensorMap} inputs
   * @param {string[]} nodes
   * @returns {Tensor[]}
   */
  #execute(inputs, nodes) {
    return [this.#graph.execute(inputs, nodes)].flat(); // one alone comes without a list
  }

  /**
   * Some frames of a tensor.
   * @param {Tensor} tensor
   * @param {number} axis
   * @param {number} start
   * @param {number} [end]
   */
  #part(tensor, axis, start, end = tensor.shape[axis]) {
    const begin = tensor.shape.map((_, i) => (i === axis ? start : 0));
    const size = tensor.shape.map((all, i) => (i === axis ? end - start : all));
    return this.#tf.slice(tensor, begin, size);
  }
}
