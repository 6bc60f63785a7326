/** Descriptors of Essentia's music extractor, as a network reads them: a row of numbers. */

/**
 * @typedef {Record<string, unknown>} Descriptors  By their names with dots: lowlevel.mfcc.mean.
 * @typedef {{name: string, size: number, texts?: string[]}} Listed  What a row holds of one: so
 *   many numbers or, of one that is text, the numbers of texts.
 */

const NAMED = 8; // names that are told, where more are missing
const NO_NUMBER = /([:[,]\s*)-?(?:nan|inf)\b/g; // Essentia writes them, and JSON does not know them

/**
 * Read a file of descriptors, nested or with dotted names.
 * @param {string} text  JSON.
 * @returns {Descriptors}
 * @throws {SyntaxError}
 */
export function readDescriptors(text) {
  const document = JSON.parse(text.replace(NO_NUMBER, "$1null"));
  if (!isObject(document)) throw new SyntaxError("It does not hold names and values.");
  return Object.fromEntries(leaves(document, ""));
}

/**
 * @param {object} document
 * @param {string} above
 * @returns {[string, unknown][]}
 */
function leaves(document, above) {
  return Object.entries(document).flatMap(([key, value]) => {
    const name = above ? `${above}.${key}` : key;
    return isObject(value)
      ? leaves(value, name)
      : /** @type {[string, unknown][]} */ ([[name, value]]);
  });
}

/**
 * @param {unknown} value
 * @returns {value is object}
 */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Put descriptors into a row.
 * @param {Descriptors} given
 * @param {Listed[]} listed
 * @returns {{values: Float32Array, unknown: string[]}}  The row, and texts that have no number,
 *   each with its descriptor.
 * @throws {RangeError}  Some are missing, or are not what the network reads.
 */
export function row(given, listed) {
  const missing = listed.filter(({ name }) => !(name in given)).map(({ name }) => name);
  if (missing.length) {
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : "";
    const told = missing.slice(0, NAMED).join(", ") + more;
    throw new RangeError(
      `${missing.length} of the ${listed.length} descriptors that the model needs are missing: ${told}.`,
    );
  }
  /** @type {string[]} */
  const unknown = [];
  const values = listed.flatMap(({ name, size, texts }) => {
    const numbers = texts ? numbered(name, given[name], texts, unknown) : flattened(given[name]);
    if (numbers.length !== size)
      throw new RangeError(`${name} has ${numbers.length} values, but the model takes ${size}.`);
    if (!numbers.every((value) => Number.isFinite(Math.fround(value))))
      throw new RangeError(`${name} has values that are no numbers.`);
    return numbers;
  });
  return { values: Float32Array.from(values), unknown };
}

/**
 * The numbers of texts; one that has none gets the next, as in Gaia.
 * @param {string} name
 * @param {unknown} given
 * @param {string[]} texts
 * @param {string[]} unknown
 */
function numbered(name, given, texts, unknown) {
  const known = [...texts];
  return [given].flat().map((text) => {
    if (typeof text !== "string")
      throw new RangeError(`${name} is not the text that the model takes.`);
    if (!known.includes(text)) {
      known.push(text);
      unknown.push(`${text} in ${name}`);
    }
    return known.indexOf(text);
  });
}

/**
 * The numbers of a value: of a matrix its sizes, then its rows.
 * @param {unknown} value
 * @returns {number[]}
 */
function flattened(value) {
  const rows = [value].flat();
  const sizes = Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [];
  return [...sizes, ...rows.flat()].map((each) => (typeof each === "number" ? each : NaN));
}
