/**
 * How long a patch takes in Node.js, with the threads that there are: node threads.mjs ENGINE MODEL.
 *
 * Answers {threads, patch} with the address of `node.js`, and of a model; milliseconds.
 */

const [engine, address] = process.argv.slice(2);
const { Model } = await import(engine);
const model = await Model.load(address);
const samples = Float32Array.from({ length: 30 * 16_000 }, Math.random);
const { milliseconds } = await model.predict(samples, 16_000);
model.close();
console.log(JSON.stringify({ threads: model.threads, patch: milliseconds }));
