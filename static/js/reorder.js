// Rows put in order by dragging, with Alt and the arrow keys on a row, or by its buttons. The order
// of an agenda is sent at once; in a form the rows have fields, and are sent with the rest.
const ROW = "[data-reorder] [data-item]";
const list = () => document.querySelector("[data-reorder]");
const rows = () => [...list().querySelectorAll("[data-item]")];
const isInForm = () => Boolean(list()?.closest("form"));

const send = () => {
  const form = document.getElementById("order");
  for (const old of form.querySelectorAll("[name=order]")) old.remove();
  for (const row of rows()) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "order";
    field.value = row.dataset.item;
    form.append(field);
  }
  form.requestSubmit();
};

// The first row can't go up and the last can't go down.
const tell = () =>
  rows().forEach((row, index, all) => {
    row.querySelector("[name=up]").ariaDisabled = index === 0 ? "true" : null;
    row.querySelector("[name=down]").ariaDisabled = index === all.length - 1 ? "true" : null;
  });

// The other row changes its place, so that the focus stays in this one.
const move = (row, isUp) => {
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  row[isUp ? "after" : "before"](other);
  row.scrollIntoView({ block: "nearest" });
  if (isInForm()) tell();
  else send();
};

let held = null;
let following = null; // what stood after it, in case the drag is given up
document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  held = target.closest?.(ROW);
  following = held?.nextElementSibling;
  if (held) dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.(ROW);
  if (!held || !over) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== held) over[event.clientY < top + height / 2 ? "before" : "after"](held);
});
document.addEventListener("drop", (event) => {
  if (!held) return;
  event.preventDefault();
  if (isInForm()) tell();
  else send();
});
document.addEventListener("dragend", ({ dataTransfer }) => {
  if (held && dataTransfer.dropEffect === "none") held.parentElement.insertBefore(held, following);
  held = null;
});
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(ROW);
  const isUp = event.key === "ArrowUp";
  if (!row || !event.altKey || !(isUp || event.key === "ArrowDown")) return;
  event.preventDefault();
  move(row, isUp);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("form [data-reorder] :is([name=up], [name=down])");
  if (!button) return;
  event.preventDefault();
  move(button.closest(ROW), button.name === "up");
});
// A row from beside the list joins it once it is ticked.
document.addEventListener("change", ({ target }) => {
  const row = target.closest("[data-joins] [data-item]");
  if (!row) return;
  row.draggable = true;
  list().append(row);
  target.focus();
  tell();
});
