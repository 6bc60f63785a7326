/** The microphone, heard by a model. */

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
 * @param {(result: Result) => void} options.onresult  Called for each patch.
 * @param {number} [options.hop]  In frames; a third of a patch if not given.
 * @param {string} [options.layer]
 * @param {(peak: number) => void} [options.onlevel]  Called for each block of about 0.1 s.
 * @returns {Promise<Microphone>}
 * @throws {DOMException}  NotAllowedError, NotFoundError: as of getUserMedia.
 */
export async function microphone(model, { onresult, hop, layer, onlevel = () => {} }) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: RAW });
  const [track] = media.getAudioTracks();
  const context = new AudioContext({ sampleRate: track.getSettings().sampleRate });
  await context.audioWorklet.addModule(parts.worklet);
  const recorder = new AudioWorkletNode(context, "recorder", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
  });
  const { port1, port2 } = new MessageChannel();
  const stream = model.stream(context.sampleRate, { onresult, hop, layer, live: true });
  stream.listen(port2);
  recorder.port.onmessage = ({ data }) => onlevel(data);
  recorder.port.postMessage(port1, [port1]);
  context.createMediaStreamSource(media).connect(recorder);
  return new Microphone(media, context, stream);
}

/** A microphone that is on. */
class Microphone {
  #media;
  #context;
  #stream;

  /** @private */
  constructor(media, context, stream) {
    this.#media = media;
    this.#context = context;
    this.#stream = stream;
    /** @type {number} In hertz. */
    this.sampleRate = context.sampleRate;
  }

  /** Switch it off. */
  async stop() {
    for (const track of this.#media.getTracks()) track.stop();
    this.#stream.close();
    await this.#context.close();
  }
}
