/** A model's page: code to copy, and the model to be tried. */

import { offerCopies } from "./copy.js";

offerCopies();
const trial = document.getElementById("try");
const { model, descriptors } = trial?.dataset ?? {};
if (trial && model) {
  const { Trial } = await import("./trial.js");
  new Trial(trial, model);
}
if (trial && descriptors) {
  const { DescriptorTrial } = await import("./descriptor-trial.js");
  new DescriptorTrial(trial, descriptors);
}
