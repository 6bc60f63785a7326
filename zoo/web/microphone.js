/**
 * The microphone as the input of a model.
 *
 * @import { Model } from "./model.js"
 * @import { DecodedResult } from "./prediction.js"
 * @import { Stream } from "./stream.js"
 */

import { parts } from "./parts.js";

const QUIET = 2; // seconds without a block, after which something is wrong

/** What a browser does to speech so that it is understood on the telephone. */
const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

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
export async function microphone(model, { onresult, hop, layer, onlevel = () => {} }) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: RAW });
  const [track] = media.getAudioTracks();
  const context = new AudioContext({ sampleRate: track.getSettings().sampleRate });
  try {
    const stream = model.stream(context.sampleRate, { onresult, hop, layer, live: true });
    const opened = new Microphone(track, context, stream);
    await new Promise((resolve, reject) => {
      const onblock = (/** @type {number} */ peak) => {
        opened.heard();
        resolve(undefined);
        onlevel(peak);
      };
      opened.done.catch(reject);
      record(media, context, onblock)
        .then((port) => stream.listen(port))
        .catch(reject);
    });
    return opened;
  } catch (error) {
    track.stop();
    context.close().catch(() => {}); // it may be closed already
    throw error;
  }
}

/**
 * Begin to record; return the port through which the samples come.
 * @param {MediaStream} media
 * @param {AudioContext} context
 * @param {(peak: number) => void} onlevel
 */
async function record(media, context, onlevel) {
  await context.audioWorklet.addModule(parts.worklet);
  const recorder = new AudioWorkletNode(context, "recorder", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
  });
  const { port1, port2 } = new MessageChannel();
  recorder.port.onmessage = ({ data }) => onlevel(data);
  recorder.port.postMessage(port1, [port1]);
  context.createMediaStreamSource(media).connect(recorder);
  return port2;
}

/** A microphone that is on. */
export class Microphone {
  #track;
  #context;
  #stream;
  #ended;
  #quiet = 0; // seconds since the last block
  #watch;

  /**
   * @internal
   * @param {MediaStreamTrack} track
   * @param {AudioContext} context
   * @param {Stream} stream
   */
  constructor(track, context, stream) {
    this.#track = track;
    this.#context = context;
    this.#stream = stream;
    this.#ended = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
    /** @type {Promise<void>} Settles when it is off, or fails when nothing came for two seconds. */
    this.done = this.#ended.promise;
    this.done.catch(() => {}); // whoever does not wait for it need not catch it
    this.#watch = setInterval(() => this.#listen(), 1000);
    context.resume().catch(() => {}); // of a page that nobody touched it stays suspended
    /** @type {number} In hertz. */
    this.sampleRate = context.sampleRate;
  }

  /**
   * A block has come.
   * @internal
   */
  heard() {
    this.#quiet = 0;
  }

  /** Switch it off. */
  async stop() {
    this.#ended.resolve();
    clearInterval(this.#watch);
    this.#track.stop();
    this.#stream.close();
    await this.#context.close().catch(() => {}); // it may be closed already
  }

  #listen() {
    if (this.#quiet++ < QUIET) return;
    this.#ended.reject(new Error(silence(this.#context)));
    this.stop();
  }
}

/**
 * Why nothing comes.
 * @param {AudioContext} context
 */
function silence({ state }) {
  return state === "suspended"
    ? "The browser keeps the sound of this page switched off. Click into the page, then try again."
    : "Nothing comes from the microphone. Check that it is plugged in and switched on, then try again.";
}
