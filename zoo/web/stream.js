/** Audio in blocks, and the results of a model. */

/** Audio on its way to the engine's Worker, and the results on their way back. */
export class Stream {
  #send;
  #onresult;
  #settle;

  /**
   * @private
   * @param {(message: object, transfer?: Transferable[]) => void} send
   * @param {object} options  See `Listening`.
   * @param {(result: Result) => void} onresult
   */
  constructor(send, options, onresult) {
    this.#send = send;
    this.#onresult = onresult;
    /** @type {Promise<void>} Settles when all results are there, or when it failed. */
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.done.catch(() => {}); // whoever does not wait for it need not catch it
    send({ type: "open", ...options });
  }

  /**
   * Feed the next block.
   * @param {Float32Array} samples  Mono, within ±1, of any length.
   */
  feed(samples) {
    const block = samples.slice();
    this.#send({ type: "feed", samples: block }, [block.buffer]);
  }

  /**
   * Feed blocks that come through a port, past the page.
   * @param {MessagePort} port
   */
  listen(port) {
    this.#send({ type: "listen", port }, [port]);
  }

  /**
   * End the audio.
   * @returns {Promise<void>}  `done`
   */
  finish() {
    this.#send({ type: "finish" });
    return this.done;
  }

  /** Stop without the rest of the results. */
  close(reason = new DOMException("The stream was closed.", "AbortError")) {
    this.#send({ type: "close" });
    this.#settle.reject(reason);
    this.#onresult = () => {};
  }

  /** @private Take a message of the Worker. */
  receive({ type, result, error }) {
    if (type === "result") this.#onresult(result);
    if (type === "finished") this.#settle.resolve();
    if (type === "failed") this.#settle.reject(error);
  }
}
