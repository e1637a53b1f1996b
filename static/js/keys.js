// / n j k s e ? and Escape. Enter needs no help: j and k put the focus on the row's link.
import { kept } from "./storage.js";

const storage = "floe:keys";
const store = kept("localStorage");
const isOn = () => store.get(storage) !== "off";
const isField = (element) => element.matches("input:not(.pick), textarea, select, [contenteditable]");
const isSeen = (element) => element.checkVisibility();

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter(isSeen);

const put = (row) => {
  for (const other of document.querySelectorAll("[data-cursor]")) {
    other.removeAttribute("data-cursor");
  }
  row.setAttribute("data-cursor", "");
};

const move = (by) => {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.hasAttribute("data-cursor"));
  const row = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  put(row);
  row.querySelector("[data-row-link], a")?.focus();
  row.scrollIntoView({ block: "nearest" });
};

// What a key presses: in the row under the cursor first, then on the page, then in its frame.
const press = (key) => {
  const wanted = `[data-key="${key}"]`;
  const inRow = document.querySelector(`[data-cursor] ${wanted}`);
  const all = [...document.querySelectorAll(`main ${wanted}`), ...document.querySelectorAll(wanted)];
  const opener = () => all.find((one) => one.dataset.open); // it may stand in a bar that is hidden
  const target = inRow ?? all.find(isSeen) ?? opener();
  if (!target) return false;
  if (isField(target)) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
};

const onKey = (key) => {
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1), true;
  if (key === "?") return document.getElementById("keys")?.showModal(), true;
  return ["/", "n", "s", "e", "a", "z", "r", "d"].includes(key) && press(key);
};

document.addEventListener("keydown", (event) => {
  const field = event.target instanceof Element && isField(event.target);
  if (event.key === "Escape" && field) event.target.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  document.documentElement.dataset.keys = isOn() ? "on" : "off";
  if (!isOn() || document.querySelector("dialog[open]")) return;
  if (onKey(event.key)) event.preventDefault();
});

// The cursor goes where the focus goes, and stays on its row when the list is swapped.
let at = -1;
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest("[data-rows] [data-row]");
  if (row) put(row);
});
document.addEventListener("htmx:beforeSwap", () => {
  at = rows().findIndex((row) => row.hasAttribute("data-cursor"));
});
document.addEventListener("htmx:afterSettle", () => {
  if (at < 0 || document.querySelector("[data-cursor]")) return;
  const all = rows();
  if (all.length) put(all[Math.min(at, all.length - 1)]);
});

// Single keys can be turned off, for people who speak to their computer.
const choice = document.querySelector("[data-keys-on]");
if (choice) {
  choice.checked = isOn();
  choice.addEventListener("change", () => {
    if (!store.set(storage, choice.checked ? "on" : "off")) choice.checked = true;
  });
}
