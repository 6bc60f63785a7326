/**
 * @import { Header } from "./sniff.js"
 *
 * @typedef {object} DecodedAudio
 * @property {Float32Array} samples  Mono, within ±1.
 * @property {number} sampleRate  In hertz.
 */
/**
 * Decode an audio file and mix it down to mono.
 *
 * @param {Blob | ArrayBuffer} file
 * @returns {Promise<DecodedAudio>}
 * @throws {Error}  It is empty, or cut off.
 * @throws {DOMException}  EncodingError: the browser cannot decode it.
 */
export function decode(file: Blob | ArrayBuffer): Promise<DecodedAudio>;
export type DecodedAudio = {
  /**
   * Mono, within ±1.
   */
  samples: Float32Array;
  /**
   * In hertz.
   */
  sampleRate: number;
};
/**
 * What the second part of a network reads of the first.
 */
export type Local = {
  node: string;
  /**
   * Of its frames.
   */
  axis: number;
  /**
   * How many frames ahead of its own each frame sees.
   */
  before: number;
  after: number;
};
/**
 * Where `zoo export` found that patches which overlap are worth it.
 */
export type Cut = {
  /**
   * That of the patches.
   */
  node: string;
  /**
   * Of their frames.
   */
  axis: number;
  tensors: Local[];
};
/**
 * In bytes.
 */
export type Progress = {
  loaded: number;
  total: number;
};
/**
 * Read a file of descriptors, nested or with dotted names.
 * @param {string} text  JSON.
 * @returns {Descriptors}
 * @throws {SyntaxError}
 */
export function readDescriptors(text: string): Descriptors;
/**
 * By their names with dots: lowlevel.mfcc.mean.
 */
export type Descriptors = Record<string, unknown>;
/**
 * What a row holds of one: so
 *   many numbers or, of one that is text, the numbers of texts.
 */
export type Listed = {
  name: string;
  size: number;
  texts?: string[];
};
/**
 * The address of a
 *   model.json or its folder; or the content of model.json and the bytes of all its weights.
 */
export type Source =
  | string
  | URL
  | {
      model: object;
      weights: ArrayBuffer;
    };
/**
 * What `zoo export` says of a model.
 */
export type Metadata = {
  id: string;
  algorithm: string;
  classes: string[];
  license: string;
  /**
   * Names of layers, and what each is for.
   */
  outputs: Record<string, string>;
  input: string;
  normalize: boolean;
  /**
   * In hertz.
   */
  sample_rate: number;
  /**
   * In frames.
   */
  patch: {
    frames: number;
    hop: number;
  };
  /**
   * In samples.
   */
  frontend: {
    frame: number;
    hop: number;
    valid: number;
    bands?: number;
  };
  /**
   * Of a head.
   */
  extractor?: Extractor | undefined;
  /**
   * Where patches that overlap have something in common.
   */
  overlap?: Cut | undefined;
  record: {
    schema: {
      inputs: {
        name: string;
      }[];
    };
    zoo?: Block;
  } & Record<string, unknown>;
};
/**
 * Whose embeddings a head reads.
 */
export type Extractor = {
  id: string;
  /**
   * Its own name of the layer.
   */
  layer: string;
  /**
   * What the layer is called in this graph.
   */
  node: string;
};
/**
 * What records have beyond Essentia's own metadata; some of it.
 */
export type Block = {
  display_classes?: Record<string, string> | undefined;
  descriptors?: Listed[] | undefined;
  scale?: [number, number] | undefined;
};
/** A model that can be asked about descriptors. */
export class DescriptorModel {
  /**
   * Load a model that `zoo export` wrote for TensorFlow.js.
   * @param {string} folder  Its address.
   * @returns {Promise<DescriptorModel>}
   * @throws {Error}  It cannot be fetched, or reads no descriptors.
   */
  static load(folder: string): Promise<DescriptorModel>;
  /**
   * @private
   * @param {GraphModel} graph
   * @param {Metadata} metadata
   * @param {Listed[]} listed
   */
  private constructor();
  /** @type {string} */
  id: string;
  /** @type {string[]} */
  classes: string[];
  /** @type {Metadata["record"]} */
  record: Metadata["record"];
  /**
   * Ask about descriptors.
   * @param {Descriptors} descriptors  See `read`.
   * @returns {Promise<Told>}
   * @throws {RangeError}  Some are missing, or are not what the model reads.
   */
  predict(descriptors: Descriptors): Promise<Told>;
  #private;
}
/**
 * What a model says of descriptors.
 */
export type Told = {
  /**
   * One value a class.
   */
  activations: Float32Array;
  /**
   * What is to be known of it.
   */
  notes: string[];
};
/**
 * In beats per minute.
 */
export type Tempo = {
  /**
   * That of most patches; null of silence.
   */
  bpm: number | null;
  /**
   * The mean probability of the patches that agree with `bpm`.
   */
  confidence: number;
  mean: number | null;
  median: number | null;
  /**
   * Of each patch; 0 where it is silent.
   */
  local: number[];
  /**
   * Of each patch; 0 where it is silent.
   */
  probabilities: number[];
};
/**
 * The name of the nearest note of the equal temperament, A4 at 440 Hz.
 * @param {number} frequency  In hertz.
 */
export function note(frequency: number): string;
/**
 * Of each frame; 0 where it is silent.
 */
export type Pitch = {
  /**
   * In hertz.
   */
  frequencies: number[];
  /**
   * From 0 to 1.
   */
  confidences: number[];
};
/**
 * What activations mean together, by the model's family.
 */
export type Decoded = {
  tempo?: Tempo | undefined;
  pitch?: Pitch | undefined;
};
/**
 * The classes with the highest scores, the highest first.
 * @param {Float32Array} scores
 * @param {string[]} classes
 * @param {number} n
 * @returns {{name: string, score: number}[]}
 */
export function highest(
  scores: Float32Array,
  classes: string[],
  n: number,
): {
  name: string;
  score: number;
}[];
/** The results of all patches together. */
export class Prediction {
  /**
   * @param {Pick<Result, "activations" | "time" | "milliseconds">[]} results
   * @param {string[]} classes  What each activation means; numbers where it has no name.
   * @param {Decoded} [decoded]  What the activations mean together, where the model's family can
   *   tell.
   */
  constructor(
    results: Pick<Result, "activations" | "time" | "milliseconds">[],
    classes: string[],
    decoded?: Decoded,
  );
  /** @type {Float32Array[]} One array a patch. */
  activations: Float32Array[];
  /** @type {number[]} Starts of the patches, in seconds. */
  times: number[];
  /** @type {number} How long the network took for a patch, in the median. */
  milliseconds: number;
  classes: string[];
  decoded: Decoded | undefined;
  /** The mean over all patches, one value a class. */
  get mean(): Float32Array<ArrayBuffer>;
  /**
   * The classes with the highest mean, the highest first.
   * @param {number} n
   * @returns {{name: string, score: number}[]}
   */
  top(n?: number): {
    name: string;
    score: number;
  }[];
}
/**
 * What it predicts for one patch.
 */
export type Result = {
  /**
   * Start of the patch, in seconds.
   */
  time: number;
  /**
   * One value a class.
   */
  activations: Float32Array;
  /**
   * How long the network took.
   */
  milliseconds: number;
  /**
   * Whether there is sound in the patch.
   */
  nonSilent: boolean;
  /**
   * Live: milliseconds from the patch's last sample to this result.
   */
  latency?: number | undefined;
  /**
   * Live: patches left out so far, because the machine is too slow.
   */
  skipped?: number | undefined;
};
/**
 * With the tempo or pitch, if there is one.
 */
export type DecodedResult = Result & {
  decoded?: Decoded;
};
export type ListeningOptions = {
  /**
   * In hertz.
   */
  sampleRate: number;
  /**
   * In frames.
   */
  hop: number;
  layer: string;
  /**
   * Whether a patch is left out when the next one is there already.
   */
  live: boolean;
  /**
   * Whether the audio is normalised as a whole, if the network is meant
   * for that: then there is no result before its end.
   */
  whole: boolean;
};
declare class Engine {
  /** Settles when the graphics card was lost, and WebAssembly goes on. */
  lost: Promise<void>;
  /** Whether it was. */
  isLost: boolean;
  /**
   * Load networks; if that fails, the Worker ends.
   * @param {Order} order  Addresses are absolute.
   * @param {{signal?: AbortSignal, onprogress?: (progress: Progress) => void}} [options]
   * @returns {Promise<Loaded[]>}
   */
  load(
    order: Order,
    {
      signal,
      onprogress,
    }?: {
      signal?: AbortSignal;
      onprogress?: (progress: Progress) => void;
    },
  ): Promise<Loaded[]>;
  /**
   * Open a stream.
   * @param {ListeningOptions & Members} options
   * @param {(result: Result) => void} onresult
   * @returns {Stream}
   * @throws {RangeError}  The sample rate is none.
   * @throws {DOMException}  AbortError: the engine is closed.
   */
  open(options: ListeningOptions & Members, onresult: (result: Result) => void): Stream;
  /** End the Worker. */
  close(): void;
  #private;
}
export type Loaded = {
  metadata: Metadata;
  /**
   * How long the network takes for a patch.
   */
  milliseconds: number;
  /**
   * What runs it: WebGL where WebAssembly is forbidden.
   */
  backend: Backend;
  /**
   * Of WebAssembly.
   */
  threads: number;
};
export type Backend = "wasm" | "webgl" | "webgpu";
/**
 * Without a backend it is the fastest:
 * WebGPU where that agrees with WebAssembly, and takes less time.
 */
export type Order = {
  sources: Source[];
  backend?: Backend;
};
/**
 * Which of the networks that were loaded,
 * and of several the layer of each.
 */
export type Members = {
  members: number[];
  layers?: string[];
};
export type Open = {
  type: "open";
} & ListeningOptions &
  Members;
export type Feed = {
  type: "feed";
  samples: Float32Array;
};
export type Listen = {
  type: "listen";
  port: MessagePort;
};
/**
 * To a job.
 */
export type JobRequest =
  | Open
  | Feed
  | Listen
  | {
      type: "finish";
    }
  | {
      type: "close";
    };
export type JobResult = {
  type: "result";
  job: number;
  result: Result;
};
export type Failed = {
  type: "failed";
  job?: number;
  name: string;
  message: string;
};
export type Progressed = {
  type: "progress";
} & Progress;
export type Reply =
  | {
      type: "loaded";
      networks: Loaded[];
    }
  | {
      type: "starting";
    }
  | {
      type: "started";
    }
  | Progressed
  | JobResult
  | {
      type: "finished";
      job: number;
    }
  | {
      type: "lost";
    }
  | Failed;
export type Send = (message: JobRequest, transfer?: Transferable[]) => void;
declare class Stream {
  /**
   * @internal
   * @param {Send} send
   * @param {ListeningOptions & Members} options
   * @param {(result: Result) => void} onresult
   */
  constructor(send: Send, options: ListeningOptions & Members, onresult: (result: Result) => void);
  /** @type {Promise<void>} Settles when all results are there, or when it failed. */
  done: Promise<void>;
  /**
   * Feed the next block.
   * @param {ArrayLike<number>} samples  Mono, within ±1, of any length.
   */
  feed(samples: ArrayLike<number>): void;
  /**
   * Feed blocks that come through a port, past the page.
   * @param {MessagePort} port
   */
  listen(port: MessagePort): void;
  /**
   * End the audio.
   * @returns {Promise<void>}  `done`
   */
  finish(): Promise<void>;
  /**
   * Stop without the rest of the results.
   * @param {Error} [reason]
   */
  close(reason?: Error): void;
  /**
   * Take a message of the Worker.
   * @internal
   * @param {Reply} message
   */
  receive(message: Reply): void;
  #private;
}
type Audio$1 = ArrayLike<number> | AudioBuffer;
/** A model that can be asked about audio. The network runs in a Worker beside the page. */
export class Model {
  /**
   * Load a model that was exported with its front-end.
   *
   * @param {Source} source
   * @param {object} [options]
   * @param {Backend} [options.backend]  If not given, WebGPU where it agrees with WebAssembly and is
   *   faster, which is measured once and remembered; else WebAssembly.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @param {(progress: Progress) => void} [options.onprogress]  Called while it is fetched.
   * @returns {Promise<Model>}
   * @throws {Error}  It cannot be fetched, or is no such model.
   * @throws {DOMException}  AbortError.
   */
  static load(
    source: Source,
    {
      backend,
      signal,
      onprogress,
    }?: {
      backend?: Backend | undefined;
      signal?: AbortSignal | undefined;
      onprogress?: ((progress: Progress) => void) | undefined;
    },
  ): Promise<Model>;
  /**
   * @internal
   * @param {Engine} engine
   * @param {Loaded} loaded
   * @param {number} member  Which of the engine's networks it is.
   */
  constructor(engine: Engine, { metadata, milliseconds, backend, threads }: Loaded, member: number);
  /** @type {string} */
  id: string;
  /** @type {string} The Essentia algorithm of its family, such as TensorflowPredictMusiCNN. */
  algorithm: string;
  /** @type {string[]} What each activation means. */
  classes: string[];
  /** @type {string} */
  license: string;
  /** @type {Metadata["record"]} The whole metadata of the model. */
  record: Metadata["record"];
  /** @type {Record<string, string>} Its layers, each with its purpose. */
  outputs: Record<string, string>;
  /** @type {boolean} Whether it is meant for clips that are normalised as a whole. */
  normalize: boolean;
  /** @type {number} The sample rate of its input, in hertz; anything else is resampled. */
  sampleRate: number;
  /** @type {{frames: number, hop: number}} What it looks at at once, in frames. */
  patch: {
    frames: number;
    hop: number;
  };
  /** @type {number} Frames per second. */
  frameRate: number;
  /** @internal  What it reads, in words: models of which they are the same can share it. */
  reads: string;
  /** @type {number} The length of a patch, in seconds. */
  span: number;
  /** @type {Promise<void>} Settles when the graphics card is lost, and WebAssembly goes on. */
  lost: Promise<void>;
  /** @type {number} How long the network took for a patch when it was loaded. */
  milliseconds: number;
  /** @type {number} How many threads it was loaded with; more than 1 are WebAssembly's. */
  threads: number;
  /**
   * What runs it: WebGL where WebAssembly is forbidden.
   * @returns {Backend}
   */
  get backend(): Backend;
  /**
   * Predict for a piece of audio.
   *
   * @param {Audio} audio
   * @param {number} [sampleRate]  In hertz; an AudioBuffer knows its own.
   * @param {object} [options]
   * @param {number} [options.hop]  From patch to patch, in frames; the model's own if not given.
   * @param {string} [options.layer]  predictions, logits, embeddings, or a layer's name.
   * @param {(result: DecodedResult) => void} [options.onresult]  Called for each patch as it is
   *   done.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<Prediction>}
   * @throws {RangeError}  The audio is shorter than a patch, or an option is out of range.
   * @throws {DOMException}  AbortError.
   */
  predict(
    audio: Audio$1,
    sampleRate?: number,
    options?: {
      hop?: number | undefined;
      layer?: string | undefined;
      onresult?: ((result: DecodedResult) => void) | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<Prediction>;
  /**
   * What the results of all patches mean together.
   * @internal
   * @param {Result[]} results
   */
  prediction(results: Result[]): Prediction;
  /**
   * How many patches there are in a piece of audio, at the model's own hop; at least one.
   * @internal
   * @param {number} duration  In seconds.
   */
  patchesIn(duration: number): number;
  /** @internal */
  tooShort(): RangeError;
  /**
   * Predict for audio that comes in blocks.
   *
   * The results do not depend on how the audio is divided into blocks. A model that is meant
   * for normalised clips gets the audio as it is.
   *
   * @param {number} sampleRate  In hertz.
   * @param {object} options
   * @param {(result: DecodedResult) => void} options.onresult  Called for each patch.
   * @param {number} [options.hop]  In frames; a third of a patch if not given, or the model's own
   *   where a patch is one frame.
   * @param {string} [options.layer]
   * @param {boolean} [options.live]  Whether a patch is left out when the next one is there
   *   already, so as not to fall behind.
   * @returns {Stream}
   */
  stream(
    sampleRate: number,
    {
      onresult,
      hop,
      layer,
      live,
    }: {
      onresult: (result: DecodedResult) => void;
      hop?: number | undefined;
      layer?: string | undefined;
      live?: boolean | undefined;
    },
  ): Stream;
  /** End the Worker; predictions under way, and all that are asked for, fail with AbortError. */
  close(): void;
  #private;
}
/**
 * Models that share what they have in common: of those with the same front-end it runs once, and
 * of heads with the same extractor that runs once.
 */
export class Ensemble {
  /**
   * Load some models.
   *
   * @param {Source[]} sources
   * @param {object} [options]
   * @param {Backend} [options.backend]  If not given, WebGPU where it agrees with WebAssembly and is
   *   faster, which is measured once and remembered; else WebAssembly.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @param {(progress: Progress) => void} [options.onprogress]  Called while the models are fetched.
   * @returns {Promise<Ensemble>}
   * @throws {Error}  One cannot be fetched, or is no such model.
   */
  static load(
    sources: Source[],
    {
      backend,
      signal,
      onprogress,
    }?: {
      backend?: Backend | undefined;
      signal?: AbortSignal | undefined;
      onprogress?: ((progress: Progress) => void) | undefined;
    },
  ): Promise<Ensemble>;
  /**
   * @private
   * @param {Engine} engine
   * @param {Model[]} models
   */
  private constructor();
  /** In the order of their sources. */
  models: Model[];
  /** @type {Promise<void>} Settles when the graphics card is lost, and WebAssembly goes on. */
  lost: Promise<void>;
  /**
   * Predict for a piece of audio.
   *
   * @param {Audio} audio
   * @param {number} [sampleRate]  In hertz; an AudioBuffer knows its own.
   * @param {object} [options]
   * @param {(model: Model) => string} [options.layer]  Of each model, as of `Model.predict`.
   * @param {(model: Model, result: Result) => void} [options.onresult]  Called for each patch.
   * @param {AbortSignal} [options.signal]  Ends it early.
   * @returns {Promise<(Prediction | RangeError)[]>}  Of each model; an error where the audio is
   *   shorter than its patch.
   * @throws {DOMException}  AbortError.
   */
  predict(
    audio: Audio$1,
    sampleRate?: number,
    options?: {
      layer?: ((model: Model) => string) | undefined;
      onresult?: ((model: Model, result: Result) => void) | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<(Prediction | RangeError)[]>;
  /** End the Worker. */
  close(): void;
  #private;
}
/**
 * Listen to the microphone, without the browser's echo cancellation, noise suppression and gain.
 *
 * Its samples go to the Worker directly, however busy the page is.
 *
 * @param {Model} model
 * @param {object} options
 * @param {(result: DecodedResult) => void} options.onresult  Called for each patch.
 * @param {number} [options.hop]  In frames; a third of a patch if not given.
 * @param {string} [options.layer]
 * @param {(peak: number) => void} [options.onlevel]  Called for each block of about 0.1 s.
 * @returns {Promise<Microphone>}
 * @throws {DOMException}  NotAllowedError, NotFoundError: as of getUserMedia.
 * @throws {Error}  Nothing comes from it.
 */
export function microphone(
  model: Model,
  {
    onresult,
    hop,
    layer,
    onlevel,
  }: {
    onresult: (result: DecodedResult) => void;
    hop?: number | undefined;
    layer?: string | undefined;
    onlevel?: ((peak: number) => void) | undefined;
  },
): Promise<Microphone>;
declare class Microphone {
  /**
   * @internal
   * @param {MediaStreamTrack} track
   * @param {AudioContext} context
   * @param {Stream} stream
   */
  constructor(track: MediaStreamTrack, context: AudioContext, stream: Stream);
  /** @type {Promise<void>} Settles when it is off, or fails when nothing came for two seconds. */
  done: Promise<void>;
  /** @type {number} In hertz. */
  sampleRate: number;
  /**
   * A block has come.
   * @internal
   */
  heard(): void;
  /** Switch it off. */
  stop(): Promise<void>;
  #private;
}
export namespace parts {
  let base: string;
  function worker(): Worker;
  let wasm: string | Record<string, string>;
  let worklet: string;
}
/**
 * Resample a whole signal.
 *
 * @param {Float32Array} samples  Mono.
 * @param {number} origin  In hertz.
 * @param {number} target  In hertz.
 * @returns {Float32Array}
 */
export function resample(samples: Float32Array, origin: number, target: number): Float32Array;

export {};
