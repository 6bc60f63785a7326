/** Search and filters of the index. What is chosen stands in the address, so it can be shared. */

import { find } from "./elements.js";

const filters = find(document, ".filters", HTMLElement);
/** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */
const fields = filters.querySelectorAll("input, select");
const MOST = 6; // models that are compared
/** @type {NodeListOf<HTMLInputElement>} */
const picks = document.querySelectorAll("[name=compare]");
const count = find(document, "[data-count]", HTMLElement);
const nothing = find(document, ".nothing", HTMLElement);
/** @type {NodeListOf<HTMLElement>} */
const elements = document.querySelectorAll(".card");
const cards = Array.from(elements, (element) => ({
  element,
  text: plain(`${element.textContent} ${element.dataset.text}`),
}));

/**
 * Small letters and digits, without accents; one space before each word.
 * @param {string} text
 */
function plain(text) {
  const letters = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return ` ${letters.split(/[^\p{L}\p{N}]+/u).join(" ")}`;
}

/**
 * @param {typeof cards[number]} card
 * @param {Record<string, string>} wanted  By the names of the fields.
 */
function fits({ element, text }, wanted) {
  const { task, family, license, size } = element.dataset;
  return (
    plain(wanted.text)
      .split(" ")
      .every((word) => text.includes(` ${word}`)) &&
    (!wanted.task || task === wanted.task) &&
    (!wanted.family || family === wanted.family) &&
    (!wanted.license || license === wanted.license) &&
    (!wanted.size || (Number(size) > 0 && Number(size) <= Number(wanted.size)))
  );
}

function show() {
  const wanted = Object.fromEntries(Array.from(fields, ({ name, value }) => [name, value]));
  let shown = 0;
  for (const card of cards) {
    card.element.hidden = !fits(card, wanted);
    if (!card.element.hidden) shown++;
  }
  const all = cards.length;
  const models = all === 1 ? "model" : "models";
  count.textContent = shown === all ? `${all} ${models}` : `${shown} of ${all} ${models}`;
  nothing.hidden = shown > 0;
  const chosen = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  history.replaceState(null, "", chosen.size ? `#${chosen}` : location.pathname + location.search);
}

function fill() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) field.value = chosen.get(field.name) ?? "";
  for (const field of fields)
    if ("selectedIndex" in field && field.selectedIndex === -1) field.value = "";
  show();
}

/** Offer to compare the models that are ticked. */
function pick() {
  const ids = Array.from(picks).flatMap(({ checked, value }) => (checked ? [value] : []));
  const chosen = find(document, "[data-chosen]", HTMLElement);
  const link = find(chosen, "a", HTMLAnchorElement);
  chosen.hidden = ids.length < 2;
  link.href = `compare.html#models=${ids.map(encodeURIComponent).join(",")}`;
  link.textContent = `Compare ${ids.length} models`;
  for (const each of picks) each.disabled = !each.checked && ids.length >= MOST;
}

for (const label of document.querySelectorAll("[data-pick]"))
  if (label instanceof HTMLElement) label.hidden = picks.length < 2;
for (const each of picks) each.addEventListener("change", pick);
pick(); // a browser may remember what was ticked
filters.hidden = false;
filters.addEventListener("input", show);
addEventListener("hashchange", fill);
find(document, "[data-clear]", HTMLElement).addEventListener("click", () => {
  for (const field of fields) field.value = "";
  show();
  fields[0].focus();
});
fill();
