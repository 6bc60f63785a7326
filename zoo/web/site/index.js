/** Search and filters of the index. What is chosen stands in the address, so it can be shared. */

const filters = document.querySelector(".filters");
const fields = [...filters.querySelectorAll("input, select")];
const count = document.querySelector("[data-count]");
const nothing = document.querySelector(".nothing");
const cards = [...document.querySelectorAll(".card")].map((element) => ({
  element,
  text: plain(`${element.textContent} ${element.dataset.text}`),
}));

/** Small letters and digits, without accents; one space before each word. */
function plain(text) {
  const letters = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return ` ${letters.split(/[^\p{L}\p{N}]+/u).join(" ")}`;
}

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
  const wanted = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let shown = 0;
  for (const card of cards) {
    card.element.hidden = !fits(card, wanted);
    shown += !card.element.hidden;
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
  for (const field of fields) if (field.selectedIndex === -1) field.value = "";
  show();
}

filters.hidden = false;
filters.addEventListener("input", show);
addEventListener("hashchange", fill);
document.querySelector("[data-clear]").addEventListener("click", () => {
  for (const field of fields) field.value = "";
  show();
  fields[0].focus();
});
fill();
