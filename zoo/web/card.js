/** The graphics card, which a browser may take away at any time. */

const SOON = 1000; // milliseconds in which a browser says why something failed

/** It was taken away. */
class LostError extends Error {
  constructor() {
    super("The graphics card was lost.");
  }
}

/** The card that TensorFlow.js computes with. */
export class Card {
  #lost;
  #move;
  /** @type {Promise<void> | undefined} */
  #moving;
  /** @type {WebGLRenderingContext | undefined} */
  #context;

  /**
   * What is used now; null where it is none.
   * @param {() => Promise<void>} [move]  Makes everything ready to go on without it.
   */
  static used(move) {
    return tf.getBackend() === "wasm" ? null : new Card(move);
  }

  /**
   * @private
   * @param {() => Promise<void>} [move]
   */
  constructor(move = () => this.#lost) {
    this.#move = move;
    const { device, gpgpu } = /** @type {any} */ (tf.backend());
    this.#context = gpgpu?.gl;
    const event = new Promise((resolve) =>
      this.#context?.canvas.addEventListener("webglcontextlost", resolve),
    );
    /** @type {Promise<never>} */
    this.#lost = (device?.lost ?? event).then(() => {
      throw new LostError();
    });
    this.#lost.catch(() => {}); // perhaps nobody waits for it
  }

  /**
   * Compute something; if the card is lost meanwhile, again without it.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async lasting(work) {
    if (!this.#moving) {
      try {
        return await this.#wait(work);
      } catch (error) {
        if (!(error instanceof LostError)) throw error;
        this.#moving ??= this.#move();
      }
    }
    await this.#moving;
    return work();
  }

  /**
   * Wait for something that the card computes: without it that may last for ever, fail, or be zeros.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   * @throws {LostError}
   */
  async #wait(work) {
    try {
      const found = await Promise.race([work(), this.#lost]);
      if (this.#context?.isContextLost()) throw new LostError();
      return found;
    } catch (error) {
      await Promise.race([this.#lost, new Promise((resolve) => setTimeout(resolve, SOON))]);
      throw error;
    }
  }
}
