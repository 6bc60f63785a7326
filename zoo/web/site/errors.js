/** What went wrong, in words for the visitor. */

/** @type {Record<string, string>} By the name of the error. */
const WORDS = {
  NotAllowedError:
    "Microphone access was denied. Allow it for this page in the browser, then try again.",
  NotFoundError: "No microphone was found. Plug one in, then try again.",
  NotReadableError: "The microphone is in use by another program. Close it, then try again.",
};

/** The file is no audio that this browser reads. */
export class UnreadableError extends Error {
  /** @param {string} name  Of the file. */
  constructor(name) {
    super(`This browser cannot read ${name} as audio. WAV, MP3, FLAC, OGG and M4A usually work.`);
  }
}

/**
 * The message to show of an error.
 * @param {unknown} error
 */
export function inWords(error) {
  if (!(error instanceof Error)) return String(error);
  return WORDS[error.name] ?? error.message;
}
