/** What runs the networks, in words. */

export const BACKENDS = { wasm: "WebAssembly", webgl: "WebGL", webgpu: "WebGPU" };

export const FORBIDDEN =
  "WebAssembly cannot run here, perhaps by the host's Content-Security-Policy: WebGL was used.";

export const LOST = "The graphics card was lost: WebAssembly took over.";

/**
 * How much of the models is there.
 * @param {import("../download.js").Progress} progress
 */
export function fetched({ loaded, total }) {
  const [part, whole] = [loaded, total].map((bytes) => (bytes / 1e6).toFixed(1));
  return `${part} of ${whole} MB`;
}

/**
 * How fast a model is.
 * @param {{backend: keyof BACKENDS, threads: number}} model
 * @param {number} milliseconds  A patch.
 */
export function speed({ backend, threads }, milliseconds) {
  const runs = threads > 1 ? `${BACKENDS[backend]}, ${threads} threads` : BACKENDS[backend];
  return `${runs}, ${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms per patch`;
}
