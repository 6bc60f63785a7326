/** Code to copy. */

import { find } from "./elements.js";

const PLACE = "ADDRESS-OF-THIS-ZOO"; // in the commands, for those who read them without JavaScript

/** Show the buttons that copy, and the address of this zoo in the commands. */
export function offerCopies() {
  for (const block of document.querySelectorAll(".code")) {
    const code = find(block, "code", HTMLElement);
    const written = code.textContent ?? "";
    const text = written.replaceAll(PLACE, new URL("../../", location.href).href);
    if (text !== written) code.textContent = text;
    const button = find(block, "[data-copy]", HTMLButtonElement);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }
}
