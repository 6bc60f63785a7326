/** The engine in Node.js: node node.mjs MODEL. */

import { availableParallelism } from "node:os";

import { Model } from "audiozoo";

const told = [];
const model = await Model.load(process.argv[2], { onprogress: (each) => told.push(each.loaded) });
const samples = Array.from({ length: 80_000 }, (_, i) => Math.sin(i * i) / 2);
const { activations } = await model.predict(samples, 16_000);
model.close();
const rows = activations.map((row) => Array.from(row));
console.log(JSON.stringify({ rows, threads: model.threads, cores: availableParallelism() }));
