/**
 * Where the engine finds its other parts. A page that has them elsewhere, or in itself, says so
 * here before it loads a model. Bundlers find them by the addresses as they are written here.
 */

const here = import.meta.url;

export const parts = {
  /** What relative addresses of models begin at; that of the page or the Worker if undefined. */
  base: globalThis.document?.baseURI ?? globalThis.location?.href,
  /** Starts a Worker that runs worker.js. */
  worker: () =>
    isElsewhere(here)
      ? startedFrom(new URL("./worker.js", here))
      : new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  /** @type {string | Record<string, string>} The addresses of the wasm binaries by their names, or
   *    of their folder, or of the one to take (data:, blob:). */
  wasm: {
    "tfjs-backend-wasm.wasm": new URL("./tfjs/tfjs-backend-wasm.wasm", import.meta.url).href,
    "tfjs-backend-wasm-simd.wasm": new URL("./tfjs/tfjs-backend-wasm-simd.wasm", import.meta.url)
      .href,
    "tfjs-backend-wasm-threaded-simd.wasm": new URL(
      "./tfjs/tfjs-backend-wasm-threaded-simd.wasm",
      import.meta.url,
    ).href,
  },
  /** The address of recorder-worklet.js. */
  worklet: new URL("./recorder-worklet.js", import.meta.url).href,
};

/**
 * Whether an address is of another host, from where no Worker may be started.
 * @param {string} address
 */
function isElsewhere(address) {
  const { protocol, origin } = new URL(address);
  return protocol.startsWith("http") && origin !== globalThis.origin;
}

/**
 * A Worker of this host that imports the script of another. Where there is no host (on a disk)
 * it may be no module, so that what is sent to it before the script is there is kept here.
 * @param {URL} script
 */
function startedFrom(script) {
  const code = `const early = [];
onmessage = (event) => early.push(event);
import(${JSON.stringify(script.href)}).then(
  () => early.forEach((event) => onmessage(event)),
  (error) => setTimeout(() => { throw error; }),
);`;
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(address);
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // it is read by then
  return worker;
}
