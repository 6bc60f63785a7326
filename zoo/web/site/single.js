/** A model's page in one file, which holds the network and all parts of the engine in itself. */

import { parts } from "../parts.js";
import { offerCopies } from "./copy.js";
import { find } from "./elements.js";
import { Trial } from "./trial.js";

const held = (/** @type {string} */ id) => find(document, `#${id}`, HTMLElement).textContent ?? "";

async function network() {
  const weights = await fetch(`data:application/octet-stream;base64,${held("weights")}`);
  return { model: JSON.parse(held("network")), weights: await weights.arrayBuffer() };
}

const worker = URL.createObjectURL(new Blob([held("worker")], { type: "text/javascript" }));
parts.worker = () => new Worker(worker);
parts.worklet = `data:text/javascript,${encodeURIComponent(held("worklet"))}`; // no blob on a disk
parts.wasm = `data:application/wasm;base64,${held("wasm")}`;
offerCopies();
network().then((source) => new Trial(find(document, "#try", HTMLElement), source));
