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
 * What its values mean, as people read it; nothing, of embeddings.
 * @param {Model} model
 */
export function classes(model) {
  if (layer(model) === "embeddings") return [];
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
