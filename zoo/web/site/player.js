/** The clip that is shown, to be listened to. */

/**
 * @typedef {object} Parts  The elements of a player.
 * @property {HTMLElement} view
 * @property {HTMLButtonElement} button
 * @property {HTMLInputElement} seek
 * @property {HTMLElement} clock
 * @property {HTMLElement} playhead
 */

import { clock } from "./canvas.js";

/** A button, a position and a clip. */
export class Player {
  #audio = new Audio();
  #duration = 0;
  #played = false; // since it was last moved at rest: to its end is not played to its end
  /** @type {string | undefined} */
  #address;

  /**
   * @param {Parts} parts
   * @param {object} listeners
   * @param {(time: number) => void} listeners.onmoment  Called while it plays and when it is moved.
   * @param {() => void} listeners.onend  Called when it has played to its end.
   */
  constructor(parts, { onmoment, onend }) {
    this.parts = parts;
    this.onmoment = onmoment;
    parts.button.addEventListener("click", () => (this.#audio.paused ? this.play() : this.pause()));
    parts.seek.addEventListener("input", () => {
      this.#played = !this.#audio.paused;
      this.#audio.currentTime = parts.seek.valueAsNumber;
      this.#show(parts.seek.valueAsNumber);
    });
    for (const event of ["play", "pause", "ended"])
      this.#audio.addEventListener(event, () => this.#changed());
    this.#audio.addEventListener("ended", () => {
      if (!this.#played) return;
      parts.view.classList.remove("moved");
      onend();
    });
  }

  /**
   * Take a clip.
   * @param {Blob} clip
   * @param {number} duration  In seconds.
   */
  open(clip, duration) {
    this.close();
    this.#address = URL.createObjectURL(clip);
    this.#audio.src = this.#address;
    this.#duration = duration;
    this.parts.seek.max = String(duration);
    this.parts.view.classList.remove("moved");
    this.#show(0, false);
    this.parts.button.disabled = this.parts.seek.disabled = this.parts.button.hidden = false;
  }

  /** Forget the clip. */
  close() {
    this.pause();
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = undefined;
    this.parts.view.classList.remove("moved");
    this.parts.button.disabled = this.parts.seek.disabled = this.parts.button.hidden = true;
    this.parts.clock.textContent = "";
  }

  async play() {
    this.#played = true;
    try {
      await this.#audio.play();
    } catch {
      this.parts.button.disabled = true; // it can be read, but not played
    }
  }

  pause() {
    this.#audio.pause();
  }

  #changed() {
    const playing = !this.#audio.paused;
    this.parts.view.classList.toggle("playing", playing);
    this.parts.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    if (playing) this.#follow();
  }

  #follow() {
    if (this.#audio.paused) return;
    this.#show(this.#audio.currentTime);
    requestAnimationFrame(() => this.#follow());
  }

  /**
   * @param {number} time
   * @param {boolean} [moved]
   */
  #show(time, moved = true) {
    const { view, seek, playhead } = this.parts;
    seek.value = String(time);
    seek.setAttribute("aria-valuetext", `${clock(time)} of ${clock(this.#duration)}`);
    this.parts.clock.textContent = clock(time);
    playhead.style.setProperty("--at", String(this.#duration ? time / this.#duration : 0));
    if (!moved) return;
    view.classList.add("moved");
    this.onmoment(time);
  }
}
