/** An app that has the engine from npm; what it hears is `window.heard`. */

import { Model } from "audiozoo";

async function hear(address) {
  const model = await Model.load(new URL("tiny/model.json?version=1", address));
  const samples = Float32Array.from({ length: 80_000 }, (_, i) => Math.sin(i * i) / 2);
  const { activations } = await model.predict(samples, 16_000);
  model.close();
  return activations.map((row) => Array.from(row));
}

window.heard = hear(new URL("/", location.href)).catch((error) => String(error));
