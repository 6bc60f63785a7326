/** A model's page: code to copy, and the model to be tried. */

import { offerCopies } from "./copy.js";
import { DescriptorTrial } from "./descriptor-trial.js";
import { Trial } from "./trial.js";

offerCopies();
const trial = document.getElementById("try");
if (trial?.dataset.model) new Trial(trial, trial.dataset.model);
if (trial?.dataset.descriptors) new DescriptorTrial(trial, trial.dataset.descriptors);
