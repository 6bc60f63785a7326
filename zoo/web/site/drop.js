/** Files that are dropped, wherever it is in the page. */

/**
 * Take files, and the one that came before.
 * @param {HTMLElement} root  What shows that a file may be dropped.
 * @param {(file: File) => void} onfile
 */
export function acceptDrops(root, onfile) {
  const over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("dropping");
  };
  addEventListener("dragenter", over);
  addEventListener("dragover", over);
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) root.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    root.classList.remove("dropping");
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    onfile(file);
  });
  if (window.dropped) onfile(window.dropped);
}
