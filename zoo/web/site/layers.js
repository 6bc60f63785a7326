/**
 * Which layer of a model a page looks at.
 *
 * @import { Model } from "../model.js"
 */

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
 * What its values mean; nothing, of embeddings.
 * @param {Model} model
 */
export function classes(model) {
  return layer(model) === "embeddings" ? [] : model.classes;
}
