/** The elements of a page. */

/**
 * Find an element that a page must have.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 * @throws {TypeError}  There is none, or one of another kind.
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`The page lacks ${selector}.`);
  return found;
}
