// Ctrl K (⌘ K): go anywhere. Arrows walk the answers, Enter opens one. Without script it is the
// search page.
const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
let isGoing = false; // Enter came before the answers to what was typed
const isFresh = () =>
  document.getElementById("palette-results").dataset.words === field.value.trim();
const go = () => answers()[0]?.click();
const answers = () => [...dialog.querySelectorAll("#palette-results a")];

document.addEventListener("keydown", (event) => {
  if (dialog && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
    event.preventDefault();
    if (dialog.open) return dialog.close();
    dialog.showModal();
    field.select();
    htmx.trigger(field, "open");
  }
});
dialog?.addEventListener("keydown", (event) => {
  const all = answers();
  const at = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown") (all[at + 1] ?? all[0])?.focus();
  else if (event.key === "ArrowUp") (at > 0 ? all[at - 1] : field).focus();
  else if (event.key === "Enter" && at < 0) isFresh() ? go() : (isGoing = true);
  else return;
  event.preventDefault();
});
document.addEventListener("htmx:afterSettle", () => {
  if (isGoing && dialog.open && isFresh()) {
    isGoing = false;
    go();
  }
});
