/** A model's page: code to copy, and the model to be tried. */

import { Trial } from "./try.js";

const PLACE = "ADDRESS-OF-THIS-ZOO"; // in the commands, for those who read them without JavaScript

if (location.protocol.startsWith("http"))
  for (const code of document.querySelectorAll("pre code"))
    code.textContent = code.textContent.replaceAll(PLACE, new URL("../../", location.href).href);

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = () => button.closest(".code").querySelector("code").textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}

const trial = document.getElementById("try");
if (trial) new Trial(trial, trial.dataset.model);
