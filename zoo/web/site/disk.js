/** A page that is opened from a disk may load no module: say so. Runs as a classic script. */
addEventListener("DOMContentLoaded", () => {
  const note = document.querySelector("[data-disk]");
  if (note && location.protocol === "file:") note.hidden = false;
});
