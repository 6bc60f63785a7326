/** A file that is dropped before the modules of the page have run waits for them: see drop.js. */
{
  const keep = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would leave the page and show the file
    if (event.type === "drop") window.dropped = event.dataTransfer.files[0];
  };
  addEventListener("dragover", keep);
  addEventListener("drop", keep);
}
