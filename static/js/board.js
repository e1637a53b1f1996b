// The board: drag a card, Shift and an arrow, or its menu. Each opens the form that the step needs.
import { openBulk } from "./bulk.js";

const menu = document.getElementById("card-menu");
const STEPS = { new: "reopen", in_round: "round", scored: "reopen", promoted: "promote", snoozed: "snooze" };
const FROM = { round: ["open"], promote: ["open"], snooze: ["open"], reject: ["open", "snoozed"], reopen: ["snoozed"] };
const may = (card, step) => FROM[step].includes(card.dataset.state);

const take = (card, step) => {
  const id = card.dataset.idea;
  if (step === "promote") location.assign(menu.dataset.promote.replace("/0/", `/${id}/`));
  else if (step === "round") location.assign(`${menu.dataset.round}?ideas=${id}`);
  else openBulk(`${menu.dataset.bulk}${step}/?idea=${id}`);
};

let dragged = null;
const lane = (target) => target.closest?.("[data-lane]");
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-idea]");
  event.dataTransfer?.setData("text/plain", dragged?.dataset.idea ?? "");
});
document.addEventListener("dragover", (event) => {
  const over = dragged && lane(event.target);
  for (const one of document.querySelectorAll("[data-over]")) one.removeAttribute("data-over");
  if (!over || !may(dragged, over.dataset.step)) return;
  over.setAttribute("data-over", "");
  event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const over = dragged && lane(event.target);
  if (!over || over.contains(dragged) || !may(dragged, over.dataset.step)) return;
  event.preventDefault();
  take(dragged, over.dataset.step);
});
document.addEventListener("dragend", () => {
  dragged = null;
  for (const one of document.querySelectorAll("[data-over]")) one.removeAttribute("data-over");
});

// Shift and an arrow: move to the nearest column on that side that this card may enter.
document.addEventListener("keydown", (event) => {
  const card = document.activeElement?.closest?.("[data-idea]");
  if (!card || !event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const lanes = Object.keys(STEPS);
  const by = event.key === "ArrowRight" ? 1 : -1;
  for (let at = lanes.indexOf(lane(card).dataset.lane) + by; lanes[at]; at += by) {
    if (may(card, STEPS[lanes[at]])) return take(card, STEPS[lanes[at]]);
  }
});

let opener = null;
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-card-menu]");
  if (button) {
    opener = button;
    const card = button.closest("[data-idea]");
    const items = [...menu.querySelectorAll("[data-from]")];
    for (const item of items) item.hidden = !may(card, item.dataset.step);
    menu.querySelector("[data-none]").hidden = items.some((item) => !item.hidden);
    menu.showPopover();
    const box = button.getBoundingClientRect();
    menu.style.setProperty("inset-block-start", `${Math.min(box.bottom, innerHeight - menu.offsetHeight - 8)}px`);
    menu.style.setProperty("inset-inline-start", `${Math.max(8, box.right - menu.offsetWidth)}px`);
    menu.querySelector("[data-from]:not([hidden])")?.focus();
    return;
  }
  const item = target.closest("#card-menu [data-step]");
  if (!item) return;
  menu.hidePopover();
  take(opener.closest("[data-idea]"), item.dataset.step);
});
menu?.addEventListener("keydown", (event) => {
  const items = [...menu.querySelectorAll("[data-from]:not([hidden])")];
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  items[(items.indexOf(document.activeElement) + by + items.length) % items.length]?.focus();
});
