/** A Worker of one's own, in which a model hears an Array. */

import { Model } from "./node_modules/audiozoo/zoo.js";

const model = await Model.load("tiny/");
const samples = Array.from({ length: 80_000 }, (_, i) => Math.sin(i * i) / 2);
const { activations } = await model.predict(samples, 16_000);
postMessage(activations.map((row) => Array.from(row)));
