/** What scripts find besides what browsers have: TensorFlow.js, and the scope of a worklet. */

declare module "*.es2017.min.js" {}

type TensorFlow = typeof import("@tensorflow/tfjs-core") &
  typeof import("@tensorflow/tfjs-converter") & {
    wasm: typeof import("@tensorflow/tfjs-backend-wasm");
  };
declare const tf: TensorFlow;

declare const sampleRate: number; // in hertz
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

interface Window {
  dropped?: File; // the last one, which may have come before the modules had run
}

/** What is used of WebGPU. */
interface GraphicsCard {
  readonly info?: { vendor: string; architecture: string }; // browsers of 2023 lack it
}
interface Navigator {
  readonly gpu?: { requestAdapter(): Promise<GraphicsCard | null> };
}
