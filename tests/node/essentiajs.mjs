/**
 * What essentia.js makes of audio with a model: the ways of its tutorials.
 *
 * `node essentiajs.mjs REQUEST`: the `model`'s address, the class of essentia.js that `runs` it,
 * the features that it `reads`, the `hop` between their frames, mono `audio`, and the `first`
 * sample of live frames. Prints the activations of a whole file at once, `deferred`, and of one
 * patch gathered frame by frame, as a page gathers those of a microphone: `live`.
 */

import { readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import essentia from "essentia.js";

const { EssentiaModel, EssentiaWASM } = essentia;
const { model, runs, reads, hop, audio, first } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const samples = Float32Array.from(audio);
const extractor = new EssentiaModel.EssentiaTFInputExtractor(EssentiaWASM, reads);
const network = new EssentiaModel[runs](tf, model);
await network.initialize();

const features = extractor.computeFrameWise(samples, hop);
const deferred = await network.predict(features, true);

const melSpectrum = [];
for (let at = first; melSpectrum.length < features.patchSize; at += hop)
  melSpectrum.push(extractor.compute(samples.slice(at, at + extractor.frameSize)).melSpectrum);
const live = await network.predict({ ...features, melSpectrum, frameSize: melSpectrum.length });

process.stdout.write(JSON.stringify({ deferred, live }), () => process.exit());
