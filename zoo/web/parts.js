/**
 * Where the engine finds its other parts. A page that has them elsewhere, or in itself, says so
 * here before it loads a model.
 */
export const parts = {
  /** Starts a Worker that runs worker.js. */
  worker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  /** The address of the folder of the wasm binaries, or of the binary itself (data:, blob:). */
  wasm: new URL("./tfjs/", import.meta.url).href,
  /** The address of recorder-worklet.js. */
  worklet: new URL("./recorder-worklet.js", import.meta.url).href,
};
