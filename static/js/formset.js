// Rows of a Django formset: add one from its <template>, take one away.
const total = (set) => set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`);
const changed = (set) => set.dispatchEvent(new Event("change", { bubbles: true }));

// Django writes __prefix__ where the number of the row belongs, in attributes only.
const number = (row, place) => {
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const name of element.getAttributeNames()) {
      const said = element.getAttribute(name);
      if (said.includes("__prefix__")) element.setAttribute(name, said.replaceAll("__prefix__", place));
    }
  }
};

const add = (set) => {
  const count = total(set);
  const row = set.querySelector("template").content.firstElementChild.cloneNode(true);
  number(row, String(Number(count.value)));
  (set.querySelector("[data-list]") ?? set).append(row);
  count.value = Number(count.value) + 1;
  row.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  changed(set);
};

// A removed row is marked and hidden, because its number must not be used again.
const remove = (set, row) => {
  const mark = row.querySelector('[name$="-DELETE"]');
  if (mark) mark.type === "checkbox" ? (mark.checked = true) : (mark.value = "on");
  row.hidden = true;
  for (const field of row.querySelectorAll("[required]")) field.required = false;
  set.querySelector("[data-add]")?.focus();
  changed(set);
};

document.addEventListener("click", (event) => {
  const set = event.target.closest("[data-formset]");
  if (!set) return;
  if (event.target.closest("[data-add]")) {
    event.preventDefault(); // without a script the button asks the server for the row
    add(set);
  }
  const row = event.target.closest("[data-remove]")?.closest("[data-item]");
  if (row) remove(set, row);
});
