/** What went wrong, in words for the visitor. */

const WORDS = {
  NotAllowedError:
    "The microphone was not allowed. Allow it in the browser for this page, then try again.",
  NotFoundError: "No microphone was found. Plug one in, then try again.",
  NotReadableError: "The microphone is used by another program. Close that, then try again.",
};

/** The file is no audio that this browser reads. */
export class UnreadableError extends Error {
  constructor(name) {
    super(`${name} cannot be read as audio here. WAV, MP3, FLAC, OGG and M4A usually can.`);
  }
}

/**
 * Tell about an error.
 * @param {Error} error
 */
export function inWords(error) {
  return WORDS[error.name] ?? error.message;
}
