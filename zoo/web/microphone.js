/**
 * The microphone as the input of a model.
 *
 * @import { Model } from "./model.js"
 * @import { DecodedResult } from "./prediction.js"
 * @import { Stream } from "./stream.js"
 */

import { parts } from "./parts.js";

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
 */
export async function microphone(model, { onresult, hop, layer, onlevel = () => {} }) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: RAW });
  const [track] = media.getAudioTracks();
  try {
    const context = new AudioContext({ sampleRate: track.getSettings().sampleRate });
    const stream = model.stream(context.sampleRate, { onresult, hop, layer, live: true });
    stream.listen(await record(media, context, onlevel));
    return new Microphone(track, context, stream);
  } catch (error) {
    track.stop();
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
    /** @type {number} In hertz. */
    this.sampleRate = context.sampleRate;
  }

  /** Switch it off. */
  async stop() {
    this.#track.stop();
    this.#stream.close();
    await this.#context.close();
  }
}
