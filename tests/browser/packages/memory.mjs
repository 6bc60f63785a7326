/** How much memory is in use as models are loaded and hear songs: node --expose-gc memory.mjs MODEL. */

import { setTimeout } from "node:timers/promises";

import { Model } from "audiozoo";

async function used() {
  await setTimeout(300); // threads have ended by then
  globalThis.gc();
  return process.memoryUsage().rss;
}

const song = Float32Array.from({ length: 480_000 }, (_, i) => Math.sin(i * i) / 2);
const loads = [];
for (let load = 0; load < 20; load++) {
  const model = await Model.load(process.argv[2]);
  await model.predict(song.subarray(0, 80_000), 16_000);
  model.close();
  if (load >= 9) loads.push(await used());
}
const model = await Model.load(process.argv[2]);
const songs = [];
for (let heard = 0; heard < 10; heard++) {
  await model.predict(song, 16_000);
  if (heard >= 4) songs.push(await used());
}
model.close();
console.log(JSON.stringify({ loads, songs }));
