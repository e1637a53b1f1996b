// An agenda put in order by dragging its rows, or with Alt and the arrow keys on a row.
const list = () => document.querySelector("[data-reorder]");
const rows = () => [...list().querySelectorAll("[data-item]")];

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

let held = null;
document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  held = target.closest?.("[data-reorder] [data-item]");
  if (held) dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-reorder] [data-item]");
  if (!held || !over) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== held) over[event.clientY < top + height / 2 ? "before" : "after"](held);
});
document.addEventListener("drop", (event) => {
  if (!held) return;
  event.preventDefault();
  send();
});
document.addEventListener("dragend", () => {
  held = null;
});
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-reorder] [data-item]");
  const up = event.key === "ArrowUp";
  if (!row || !event.altKey || !(up || event.key === "ArrowDown")) return;
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  event.preventDefault();
  if (!other) return;
  other[up ? "before" : "after"](row);
  send();
});
