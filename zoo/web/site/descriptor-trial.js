/** Try a model that reads descriptors: a file of them, and what the model predicts. */

import { DescriptorModel } from "../descriptor-model.js";
import { readDescriptors } from "../descriptors.js";
import { Bars } from "./bars.js";
import { acceptDrops } from "./drop.js";
import { find } from "./elements.js";
import { inWords } from "./errors.js";
import { spoken } from "./results.js";

const SHOWN = 8; // bars

/** The section of the page in which the model is tried. */
export class DescriptorTrial {
  #root;
  #folder;
  #bars;
  /** @type {Promise<DescriptorModel> | undefined} */
  #model;

  /**
   * @param {HTMLElement} root
   * @param {string} folder  Of the model.
   */
  constructor(root, folder) {
    this.#root = root;
    this.#folder = folder;
    this.#bars = new Bars(find(root, "[data-bars]", HTMLOListElement), SHOWN);
    this.#find("sources").hidden = false;
    this.#show("", "JSON, as the extractor writes it.");
    const file = find(root, "input[type=file]", HTMLInputElement);
    file.addEventListener("change", () => {
      const [chosen] = file.files ?? [];
      if (chosen) this.#open(chosen);
      file.value = ""; // the same file may be chosen again
    });
    acceptDrops(root, (dropped) => this.#open(dropped));
  }

  /** @param {string} name */
  #find(name) {
    return find(this.#root, `[data-${name}]`, HTMLElement);
  }

  /**
   * Show what the model predicts for a file, or why it does not.
   * @param {File} file
   */
  async #open(file) {
    this.#show("", `Reading ${file.name} …`);
    this.#find("result").hidden = true;
    try {
      const descriptors = await this.#read(file);
      this.#model ??= DescriptorModel.load(this.#folder);
      const model = await this.#model;
      const { activations, notes } = await model.predict(descriptors);
      const words = model.record.zoo?.display_classes;
      const classes = model.classes.map((name) => spoken(name, words));
      const results = {
        classes,
        activations: [activations],
        times: [0],
        span: 0,
        start: 0,
        end: 0,
      };
      this.#find("result").hidden = false;
      this.#bars.show(results, activations);
      this.#show("", [`Predicted for ${file.name}.`, ...notes].join(" "));
    } catch (error) {
      this.#show(inWords(error), "");
    }
  }

  /** @param {File} file */
  async #read(file) {
    try {
      return readDescriptors(await file.text());
    } catch {
      throw new Error(`${file.name} holds no descriptors as JSON.`);
    }
  }

  /**
   * @param {string} error
   * @param {string} status
   */
  #show(error, status) {
    this.#find("error").textContent = error;
    this.#find("error").hidden = !error;
    this.#find("status").textContent = status;
  }
}
