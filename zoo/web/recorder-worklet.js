/** Hands on what a microphone hears, in the audio thread. */

const SECONDS = 0.1; // a block

class Recorder extends AudioWorkletProcessor {
  #block = new Float32Array(128 * Math.round((SECONDS * sampleRate) / 128));
  #filled = 0;
  /** @type {MessagePort | undefined} */
  #listener;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => (this.#listener = data);
  }

  /**
   * Take 128 samples, the usual quantum, and hand on a block that is full.
   * @param {Float32Array[][]} inputs
   */
  process([[samples]]) {
    if (!samples) return true;
    for (let taken = 0; taken < samples.length;) {
      const part = samples.subarray(taken, taken + this.#block.length - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === this.#block.length) this.#handOn();
    }
    return true;
  }

  #handOn() {
    this.#listener?.postMessage(this.#block); // a copy: the block is used again
    this.port.postMessage(this.#block.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0));
    this.#filled = 0;
  }
}

registerProcessor("recorder", Recorder);
