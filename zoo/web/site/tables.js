/**
 * Results as files, with the columns and keys of `zoo predict --output`.
 *
 * @import { Prediction } from "../prediction.js"
 *
 * @typedef {object} Answer
 * @property {string} file  What was heard.
 * @property {string} model  Its id.
 * @property {string} layer
 * @property {Prediction} prediction
 */

const TOP = 5;

/** @type {Record<string, {type: string, written: (answers: Answer[]) => string}>} By ending. */
export const FORMATS = {
  csv: { type: "text/csv", written: csv },
  json: { type: "application/json", written: json },
};

/**
 * The activations of one model over time, a row a patch.
 * @param {Answer[]} answers
 */
function csv([{ prediction }]) {
  const { times, classes, activations } = prediction;
  const rows = activations.map((row, i) => [times[i], ...numbers(row)]);
  return [["time", ...classes], ...rows].map((row) => row.map(quoted).join(",") + "\r\n").join("");
}

/**
 * All that models say of a file, over time.
 * @param {Answer[]} answers
 */
function json(answers) {
  const results = answers.map(({ file, model, layer, prediction }) => ({
    file,
    model,
    layer,
    classes: prediction.classes,
    times: prediction.times,
    mean: numbers(prediction.mean),
    top: prediction.top(TOP).map(({ name, score }) => ({ class: name, score: short(score) })),
    error: null,
    activations: prediction.activations.map(numbers),
    ...prediction.decoded,
  }));
  return `${JSON.stringify({ results })}\n`;
}

/** @param {Float32Array} row */
const numbers = (row) => Array.from(row, short);

/**
 * A number of single precision with no more digits than restore it.
 * @param {number} value
 */
function short(value) {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}

/** @param {string | number} cell */
function quoted(cell) {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Let the visitor save answers with the buttons of a page.
 * @param {HTMLElement} root  Of the buttons, which name their formats.
 * @param {Answer[]} answers
 */
export function offerTables(root, answers) {
  root.hidden = false;
  for (const button of root.querySelectorAll("button"))
    button.onclick = () => save(answers, button.dataset.format ?? "json");
}

/**
 * @param {Answer[]} answers
 * @param {string} format
 */
function save(answers, format) {
  const { type, written } = FORMATS[format];
  const address = URL.createObjectURL(new Blob([written(answers)], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${answers[0].file.replace(/\.[^.]*$/, "")}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // it may still be asked where to put it
}
