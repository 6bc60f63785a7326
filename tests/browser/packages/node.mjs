/** The engine in Node.js: node node.mjs MODEL. */

import { Model } from "audiozoo";

const told = [];
const model = await Model.load(process.argv[2], { onprogress: (each) => told.push(each.loaded) });
const samples = Array.from({ length: 80_000 }, (_, i) => Math.sin(i * i) / 2);
const { activations } = await model.predict(samples, 16_000);
model.close();
console.log(JSON.stringify(activations.map((row) => Array.from(row))));
