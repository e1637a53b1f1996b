// The calendar: pick up a bar or an idea from the tray, by pointer or by keys, see what follows from
// each place, let go. Floe answers what follows; this module only moves things and asks.
import { saySignedOut } from "./connection.js";

const DAY = 86_400_000;
const plan = () => document.getElementById("plan");
const line = () => plan()?.querySelector(".tl");
// Days as the server writes them: "7 Dec", where plain English would be American.
const language = document.documentElement.lang || "en";
const words = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / DAY;
const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);
const dayWords = (day) => words.format(new Date(day * DAY));

let held = null; // what is picked up: { element, place, starts, days, … } in whole days
let latest = null; // the address of the newest place, which wins
let isAsking = false;

// --- Where things are -------------------------------------------------------------------------
const columnWidth = () => {
  const track = line().querySelector(".wks .track");
  return track.getBoundingClientRect().width / Number(line().dataset.cols);
};
const dayUnder = (x) => {
  const track = line().querySelector(".wks .track").getBoundingClientRect();
  const column = Math.floor((x - track.left) / (track.width / Number(line().dataset.cols)));
  return dayOf(line().dataset.from) + column;
};
const weekOf = (day) => {
  const from = dayOf(line().dataset.from);
  return from + Math.floor((day - from) / 7) * 7;
};

// A bar stays in sight: its first day is among the days shown, or where it was before them.
const inSight = (day) => {
  const from = dayOf(line().dataset.from);
  const last = from + Number(line().dataset.cols) - 1;
  return Math.max(Math.min(held.first, from), Math.min(Math.max(held.first, last), day));
};

// --- What follows -------------------------------------------------------------------------------
const PAUSE = 100; // ms without another step: frames while moving stay free of work
let waiting = null;
const askSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
};
const ask = async () => {
  clearTimeout(waiting);
  if (!held) return;
  const { place, starts, days, seen } = held;
  const query = new URLSearchParams({ starts_on: textOf(starts), last_day: textOf(starts + days - 1), seen });
  const address = `${place}?${query}`;
  if (latest === address) return;
  latest = address;
  if (isAsking) return; // the loop below sees the newer address
  isAsking = true;
  try {
    let sent = null;
    while (held && sent !== latest) {
      sent = latest;
      await window.htmx.ajax("GET", sent, { target: "#dock", swap: "outerHTML" });
    }
  } catch {
    // No connection: the frame says so.
  } finally {
    isAsking = false;
  }
  if (held && !isAnswered()) latest = null; // the next step, or letting go, asks again
  show();
};
// A dock about another place than the one where it is held counts for nothing.
const isAnswered = () => {
  const last = held.starts + held.days - 1;
  return document.getElementById("dock")?.dataset.days === `${textOf(held.starts)}/${textOf(last)}`;
};
const answered = async () => {
  while (isAsking) await new Promise((go) => setTimeout(go, 20));
};

// --- How it looks while it is held --------------------------------------------------------------
const tag = document.createElement("div");
tag.className = "ptag";
const ghost = document.createElement("div"); // the bar of an idea that has no place yet
ghost.className = "tbar drag ghost";
const dates = document.createElement("span");
const cost = document.createElement("em");
tag.append(dates, cost);

let isDrawing = false;
const show = () => {
  if (isDrawing || !held) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    if (held) draw();
  });
};
// All that is read of the page is read first, so that a frame lays it out only once.
const draw = () => {
  const { element, starts, days, first, length, y, isNew } = held;
  const tells = isAnswered() ? document.getElementById("dock").dataset : {};
  const step = [starts, days, y, tells.tag, tells.free].join();
  if (step === held.drawn) return;
  held.drawn = step;
  const width = columnWidth();
  const track = isNew && line().querySelector(".wks .track").getBoundingClientRect();
  const box = element.getBoundingClientRect();
  const shift = (starts - first) * width;
  const left = isNew ? track.left + (starts - dayOf(line().dataset.from)) * width : box.left - held.shift + shift;
  const top = isNew ? laneAt(y) : box.top;
  const long = isNew ? Math.min(days * width, track.right - left) : days * width - 2;
  const bar = isNew ? ghost : element;
  held.shift = shift;
  bar.style.transform = isNew ? `translate(${left}px, ${top}px)` : `translateX(${shift}px)`;
  if (isNew || days !== length) bar.style.inlineSize = `${long}px`;
  dates.textContent = `${dayWords(starts)} to ${dayWords(starts + days - 1)}`;
  cost.textContent = tells.tag ?? "";
  bar.classList.toggle("clash", Boolean(tells.tag) && tells.free !== "yes");
  // In the right half it ends with the bar, so that it stays in the window however long it is.
  const isRight = left > innerWidth / 2;
  const edge = isRight ? Math.min(left + long, innerWidth - 8) : Math.max(8, left);
  tag.style.transform = `translate(${edge}px, ${top + (isNew ? 30 : box.height) + 4}px)${isRight ? " translateX(-100%)" : ""}`;
};

// Where a ghost stands: in the lane of its pod, else in the lane under the pointer.
const laneAt = (y) => {
  const own = line().querySelector(`[data-lane="pod-${held.pod}"]`);
  const lanes = [...line().querySelectorAll("[data-lane]")];
  const lane = own ?? lanes.findLast((one) => one.getBoundingClientRect().top <= y) ?? lanes[0];
  return lane.getBoundingClientRect().top + 9;
};

const pick = (element, { mode = "move", isNew = false, byKeys = false } = {}) => {
  const { bar, tray, place, starts, days, seenDays } = element.dataset;
  const first = isNew ? weekOf(Math.max(dayOf(line().dataset.from), Date.now() / DAY)) : dayOf(starts);
  held = {
    element, mode, isNew, byKeys, place, key: bar ?? tray,
    starts: first, first, days: Number(days), length: Number(days),
    seen: isNew ? "" : (seenDays ?? ""), pod: element.dataset.pod, x: 0, y: 0, shift: 0,
  };
  latest = null;
  element.classList.add(isNew ? "lifted" : "drag");
  document.body.append(tag);
  if (isNew) {
    ghost.textContent = element.dataset.name;
    document.body.append(ghost);
  }
  plan().setAttribute("data-held", "");
  show();
};

const putBack = ({ focus = false } = {}) => {
  if (!held) return;
  const { element, isNew } = held;
  element.classList.remove("drag", "lifted", "clash");
  element.style.removeProperty("transform");
  element.style.removeProperty("inline-size");
  held = null;
  latest = null;
  tag.remove();
  ghost.remove();
  plan()?.removeAttribute("data-held");
  clearDock();
  if (focus) (isNew ? element.querySelector("a") : element).focus();
};
const clearDock = () => {
  const dock = document.getElementById("dock");
  if (!dock) return;
  const empty = document.createElement("div");
  empty.id = "dock";
  dock.replaceWith(empty);
};

const letGo = async () => {
  if (!held) return;
  const isSame = !held.isNew && held.starts === held.first && held.days === held.length;
  if (isSame) return putBack({ focus: held.byKeys });
  await ask();
  await answered();
  const dock = document.getElementById("dock");
  if (!held || !isAnswered()) return;
  tag.remove();
  if (dock.dataset.free === "yes") dock.querySelector("form[data-here]")?.requestSubmit();
  else (dock.querySelector("input[name=reason]") ?? dock.querySelector(".acts .btn"))?.focus();
};

// --- By pointer ---------------------------------------------------------------------------------
const EDGE = 8;
let press = null;
document.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.isPrimary) return;
  const element = event.target.closest("#plan [data-bar], #plan [data-tray]");
  if (!element || event.target.closest(".tray a") && event.pointerType === "touch") return;
  const box = element.getBoundingClientRect();
  const isEnd = event.clientX > box.right - EDGE;
  const isStart = event.clientX < box.left + EDGE;
  const moves = element.dataset.moves;
  const mode = isEnd ? "end" : isStart && moves === "all" ? "start" : moves === "end" ? "none" : "move";
  if (mode === "none" && !element.dataset.tray) return;
  press = { element, x: event.clientX, y: event.clientY, id: event.pointerId, mode: element.dataset.tray ? "move" : mode };
});
document.addEventListener("pointermove", (event) => {
  if (!press || event.pointerId !== press.id) return;
  const { element, mode } = press;
  if (!press.isOn) {
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < 5) return;
    if (held) putBack();
    press.isOn = true;
    element.setPointerCapture(press.id);
    pick(element, { mode, isNew: Boolean(element.dataset.tray) });
  }
  held.x = event.clientX;
  held.y = event.clientY;
  const by = Math.round((event.clientX - press.x) / columnWidth());
  if (held.isNew) held.starts = inSight(weekOf(dayUnder(event.clientX)));
  else if (mode === "end") held.days = Math.max(1, held.length + by);
  else if (mode === "start") {
    held.starts = Math.min(inSight(held.first + by), held.first + held.length - 1);
    held.days = held.length - (held.starts - held.first);
  } else held.starts = inSight(held.first + by);
  show();
  askSoon();
});
const lift = (event) => {
  if (!press || event.pointerId !== press.id) return;
  const wasOn = press.isOn;
  press = null;
  if (!wasOn) return;
  const isOutside = held?.isNew && event.clientX < line().getBoundingClientRect().left;
  if (event.type === "pointercancel" || isOutside) putBack();
  else letGo();
};
document.addEventListener("pointerup", lift);
document.addEventListener("pointercancel", lift);
// A bar is a link: letting go of it must not open it.
let wasDragged = false;
document.addEventListener("pointerup", () => { wasDragged = Boolean(held); }, true);
document.addEventListener("click", (event) => {
  if (wasDragged && event.target.closest("#plan [data-bar], #plan [data-tray]")) event.preventDefault();
  wasDragged = false;
}, true);
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("#plan [data-bar], #plan [data-tray]")) event.preventDefault();
});

// --- By keys: m picks up, arrows move, Enter lets go, Escape puts back --------------------------
const onHeldKey = (event) => {
  if (event.target.closest("#dock")) {
    if (event.key === "Escape") putBack({ focus: true });
    return event.key === "Escape";
  }
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) {
    const step = by * (event.shiftKey || (held.isNew && !event.altKey) ? 7 : 1);
    const moves = held.element.dataset.moves;
    if (event.altKey || moves === "end") held.days = Math.max(1, held.days + step);
    else held.starts = inSight(held.starts + step);
    show();
    askSoon();
    return true;
  }
  if (event.key === "Enter") return letGo(), true;
  if (event.key === "Escape") return putBack({ focus: true }), true;
  return false;
};
document.addEventListener("keydown", (event) => {
  if (held ? onHeldKey(event) : false) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || held) return;
  const bar = event.target.closest?.("#plan [data-bar]");
  const row = event.target.closest?.("#plan [data-tray]");
  if (!bar && !row) return;
  event.preventDefault();
  pick(bar ?? row, { isNew: !bar, byKeys: true });
  const box = (bar ?? row).getBoundingClientRect();
  held.x = box.right;
  held.y = box.top;
  ask();
}, true);

document.addEventListener("click", (event) => {
  if (!held || !event.target.closest("[data-put-back]")) return;
  event.preventDefault();
  putBack({ focus: true });
});

// --- What others do: asked for every two seconds, shown when nothing is held ---------------------
let wanted = null;
const refresh = () => {
  if (held || !wanted) return;
  wanted = null;
  window.htmx.ajax("GET", plan().dataset.calendar, { target: "#plan", swap: "outerHTML" });
};
setInterval(async () => {
  const here = plan();
  if (!here || document.hidden) return;
  try {
    const answer = await fetch(`${here.dataset.pulse}?seen=${here.dataset.seen}`);
    if (answer.redirected) return saySignedOut();
    if (answer.status !== 200) return;
    wanted = (await answer.json()).seen;
    refresh();
  } catch {
    // No connection: the frame says so, and the next beat asks again.
  }
}, 2000);

// Undo brings the plan back, not the whole page.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("#messages form");
  if (!form || !plan()) return;
  event.preventDefault();
  event.stopPropagation(); // the form would be sent as on every other page as well
  window.htmx.ajax("POST", form.action, { source: form, target: "#plan", swap: "outerHTML" });
}, true);

// After a swap the focus is where it was, after an undo on the bar, and nothing is held any more.
let focused = null;
let moved = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "plan") return;
  const at = held?.element ?? document.activeElement?.closest?.("#plan [data-bar], #plan [data-tray]");
  const isUndo = document.activeElement?.closest("#messages");
  moved = held?.key ?? moved;
  focused = at?.dataset.bar ?? at?.dataset.tray ?? held?.key ?? (isUndo ? moved : null);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.elt?.id !== "plan" && detail.target?.id !== "plan") return show();
  held = null;
  latest = null;
  tag.remove();
  ghost.remove();
  if (focused) document.querySelector(`#plan [data-bar="${focused}"], #plan [data-tray="${focused}"] a`)?.focus({ preventScroll: true });
  focused = null;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
