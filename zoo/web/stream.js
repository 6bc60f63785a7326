/**
 * Audio in blocks, and the results of a model.
 *
 * @import { Members, Reply, Send } from "./engine.js"
 * @import { ListeningOptions } from "./listening.js"
 * @import { Result } from "./prediction.js"
 */

const ERRORS = new Map([RangeError, TypeError].map((kind) => [kind.name, kind]));

/** Audio on its way to the engine's Worker, and the results on their way back. */
export class Stream {
  #send;
  #onresult;
  #settle;

  /**
   * @internal
   * @param {Send} send
   * @param {ListeningOptions & Members} options
   * @param {(result: Result) => void} onresult
   */
  constructor(send, options, onresult) {
    this.#send = send;
    this.#onresult = onresult;
    this.#settle = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
    /** @type {Promise<void>} Settles when all results are there, or when it failed. */
    this.done = this.#settle.promise;
    this.done.catch(() => {}); // whoever does not wait for it need not catch it
    send({ type: "open", ...options });
  }

  /**
   * Feed the next block.
   * @param {ArrayLike<number>} samples  Mono, within ±1, of any length.
   */
  feed(samples) {
    const block = Float32Array.from(samples);
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

  /**
   * Stop without the rest of the results.
   * @param {Error} [reason]
   */
  close(reason = new DOMException("The stream was closed.", "AbortError")) {
    this.#send({ type: "close" });
    this.#settle.reject(reason);
    this.#onresult = () => {};
  }

  /**
   * Take a message of the Worker.
   * @internal
   * @param {Reply} message
   */
  receive(message) {
    if (message.type === "result") this.#onresult(message.result);
    if (message.type === "finished") this.#settle.resolve();
    if (message.type === "failed") this.#settle.reject(asError(message));
  }
}

/**
 * The error that a Worker met.
 * @param {{name: string, message: string}} failure
 * @returns {Error}
 */
export function asError({ name, message }) {
  return new (ERRORS.get(name) ?? Error)(message);
}
