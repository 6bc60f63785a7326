/**
 * Models for audio in a page: the engine. Nothing leaves the page.
 *
 *     import { Model, decode } from "./zoo.js";
 *
 *     const model = await Model.load("msd-musicnn-1/");
 *     const { samples, sampleRate } = await decode(file); // a File, or its bytes
 *     const prediction = await model.predict(samples, sampleRate);
 *     console.log(prediction.top(5)); // [{name: "rock", score: 0.43}, …]
 */

export { decode } from "./decode.js";
export { DescriptorModel } from "./descriptor-model.js";
export { readDescriptors } from "./descriptors.js";
export { Ensemble } from "./ensemble.js";
export { microphone } from "./microphone.js";
export { Model } from "./model.js";
export { parts } from "./parts.js";
export { note } from "./pitch.js";
export { Prediction, highest } from "./prediction.js";
export { resample } from "./resample.js";
