/** What runs the networks, in words. */

export const BACKENDS = { wasm: "WebAssembly", webgl: "WebGL" };

/**
 * How fast a model is.
 * @param {{backend: keyof BACKENDS}} model
 * @param {number} milliseconds  A patch.
 */
export function speed({ backend }, milliseconds) {
  return `${BACKENDS[backend]}, ${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms per patch`;
}
