/**
 * The engine's Worker: a network and the audio that it listens to.
 *
 * It is told {type: "load", …}, then for each job "open", "feed", "listen", "finish" and "close",
 * and tells "loaded", "result", "finished" and "failed": see `model.js`.
 */

import "./tfjs/tf-core.es2017.min.js";
import "./tfjs/tf-converter.es2017.min.js";
import "./tfjs/tf-backend-wasm.es2017.min.js";

import { Listening } from "./listening.js";
import { Network } from "./network.js";

const BINARIES = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

const jobs = new Map();
let network;

const orders = {
  async load({ source, backend, wasm }) {
    await choose(backend, wasm);
    network = await Network.load(tf, source);
    const milliseconds = await network.warm();
    postMessage({ type: "loaded", metadata: network.metadata, milliseconds });
  },

  async open({ job, ...options }) {
    const onresult = (result) => postMessage({ type: "result", job, result });
    const listening = new Listening(network, options, onresult);
    jobs.set(job, listening);
    await listening.run();
    jobs.delete(job);
    postMessage({ type: "finished", job });
  },

  feed: ({ job, samples }) => jobs.get(job)?.feed(samples),

  /** Let the samples come from elsewhere, past the page. */
  listen({ job, port }) {
    port.onmessage = ({ data }) => jobs.get(job)?.feed(data);
  },

  finish: ({ job }) => jobs.get(job)?.finish(),

  close: ({ job }) => jobs.get(job)?.close(),
};

/** Make TensorFlow.js ready. Threads would need headers that not every host can send. */
async function choose(backend, wasm) {
  if (backend === "wasm") {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    const whole = /^(data|blob):/.test(wasm);
    tf.wasm.setWasmPaths(whole ? Object.fromEntries(BINARIES.map((name) => [name, wasm])) : wasm);
  } else if (!tf.findBackendFactory(backend)) {
    await import("./tfjs/tf-backend-webgl.es2017.min.js");
  }
  if (!(await tf.setBackend(backend))) throw new Error(`${backend} does not work here.`);
  await tf.ready();
}

onmessage = async ({ data: { type, ...order } }) => {
  try {
    await orders[type](order);
  } catch ({ name, message }) {
    jobs.delete(order.job);
    postMessage({ type: "failed", job: order.job, name, message });
  }
};
