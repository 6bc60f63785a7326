/** A page whose modules do not load says why. Runs as a classic script, which does. */

/** @param {string} [words]  Instead of those that are there. */
function tell(words) {
  const note = document.querySelector("[data-disk]");
  if (!(note instanceof HTMLElement)) return;
  if (words) note.textContent = words;
  note.hidden = false;
}

addEventListener("DOMContentLoaded", () => {
  if (location.protocol === "file:") tell();
});
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || location.protocol === "file:") return;
    tell(
      "The scripts of this page cannot be loaded, so the model cannot be tried. The host must " +
        "serve all files of the folder zoo, and those that end in .js as text/javascript.",
    );
  },
  true, // errors of elements do not bubble
);
