/** Which layer of a model a page looks at. */

/** The layer that is worth looking at. */
export function layer({ outputs }) {
  const purposes = Object.values(outputs);
  return (
    ["predictions", "embeddings"].find((each) => purposes.includes(each)) ?? Object.keys(outputs)[0]
  );
}

/** What its values mean; nothing, of embeddings. */
export function classes(model) {
  return layer(model) === "embeddings" ? [] : model.classes;
}
