/**
 * Which layer of a model a page looks at.
 *
 * @import { Model } from "../model.js"
 */

import { spoken } from "./results.js";

/**
 * The layer that is worth looking at.
 * @param {Model} model
 */
export function layer({ outputs }) {
  const purposes = Object.values(outputs);
  return (
    ["predictions", "embeddings"].find((each) => purposes.includes(each)) ?? Object.keys(outputs)[0]
  );
}

/**
 * What its values mean, as people read it: numbers where they have no names; nothing, of
 * embeddings.
 * @param {Model} model
 * @param {number} width  How many values there are.
 */
export function classes(model, width) {
  if (layer(model) === "embeddings") return [];
  if (model.classes.length !== width) return Array.from({ length: width }, (_, i) => `class ${i}`);
  return model.classes.map((name) => called(model, name));
}

/**
 * A class as people read it.
 * @param {Model} model
 * @param {string} name
 */
export function called({ record }, name) {
  return spoken(name, record.zoo?.display_classes);
}
