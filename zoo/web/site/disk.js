/** A page that is opened from disk cannot load modules: say so. Runs as a classic script. */
addEventListener("DOMContentLoaded", () => {
  const note = document.querySelector("[data-disk]");
  if (note instanceof HTMLElement && location.protocol === "file:") note.hidden = false;
});
