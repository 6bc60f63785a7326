/** Code to copy. */

const PLACE = "ADDRESS-OF-THIS-ZOO"; // in the commands, for those who read them without JavaScript

/** Show the buttons that copy, and the address of this zoo in the commands. */
export function offerCopies() {
  for (const code of document.querySelectorAll("pre code"))
    if (code.textContent.includes(PLACE))
      code.textContent = code.textContent.replaceAll(PLACE, new URL("../../", location.href).href);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(
        button.closest(".code").querySelector("code").textContent,
      );
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }
}
