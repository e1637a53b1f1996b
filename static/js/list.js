// The backlog's table: select rows, edit cells, keep the place. Without script every row has its
// page.
import { openBulk } from "./bulk.js";
import { kept } from "./storage.js";

const table = () => document.querySelector(".table.ideas");
const picks = () => [...document.querySelectorAll('.pick[form="chosen-ideas"]')];
const bar = document.querySelector("[data-chosen]");

// ── choosing: a click, Shift for a range, Ctrl for one more, x for the row under the cursor ──
let last = null;
const tell = () => {
  if (!bar) return;
  const chosen = picks().filter((pick) => pick.checked).length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-count]").textContent = `${chosen} selected`;
  const all = document.querySelector("[data-pick-all]");
  if (all) all.checked = chosen > 0 && chosen === picks().length;
};
const range = (from, to, on) => {
  const all = picks();
  const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((x, y) => x - y);
  if (a < 0) return;
  for (const pick of all.slice(a, b + 1)) pick.checked = on;
};
document.addEventListener("click", (event) => {
  const pick = event.target.closest(".pick");
  if (pick?.matches("[data-pick-all]")) {
    for (const one of picks()) one.checked = pick.checked;
  } else if (pick?.matches('[form="chosen-ideas"]')) {
    if (event.shiftKey && last?.isConnected) range(last, pick, pick.checked);
    last = pick;
  } else if (event.target.closest("[data-pick-none]")) {
    for (const one of picks()) one.checked = false;
  } else if ((event.ctrlKey || event.metaKey || event.shiftKey) && chooseRow(event)) {
    event.preventDefault();
  } else {
    return;
  }
  tell();
});
// Ctrl or Shift on the row itself, but not on its links, which open a tab.
const chooseRow = (event) => {
  const row = event.target.closest(".ideas [data-row]");
  const pick = row?.querySelector(".pick");
  if (!pick || event.target.closest("a, button, input, select, label")) return false;
  if (event.shiftKey && last?.isConnected) {
    range(last, pick, true);
    getSelection()?.removeAllRanges();
  } else {
    pick.checked = !pick.checked;
  }
  last = pick;
  return true;
};
bar?.addEventListener("submit", (event) => {
  const button = event.submitter;
  const ids = picks().filter((pick) => pick.checked).map((pick) => pick.value);
  const query = new URLSearchParams(ids.map((id) => [button.dataset.as ?? "idea", id]));
  event.preventDefault();
  const url = `${button.getAttribute("formaction")}?${query}`;
  if (button.hasAttribute("data-bulk")) openBulk(url);
  else location.assign(url);
});

// ── cells: double-click or e; Enter saves, Tab saves and goes on, Esc undoes ──
let editing = null; // { cell, before }
const close = () => {
  if (!editing) return;
  editing.cell.classList.remove("editing");
  editing.cell.replaceChildren(...editing.before);
  editing = null;
};
const edit = async (cell) => {
  close();
  const row = cell.closest("[data-row]");
  const page = row.querySelector("[data-row-link]").getAttribute("href");
  editing = { cell, before: [...cell.childNodes] };
  const place = document.createElement("span");
  place.id = "cell-form";
  cell.classList.add("editing");
  cell.replaceChildren(place);
  await htmx.ajax("GET", `${page}cell/${cell.dataset.edit}/`, {
    target: "#cell-form", swap: "outerHTML", source: cell,
  });
};
const CONTROLS = "#cell-form :is(input:not([type=hidden]), select)";
const within = ({ target, shiftKey }) => {
  const all = [...document.querySelectorAll(CONTROLS)].filter((one) => one.checkVisibility());
  return Boolean(all[all.indexOf(target) + (shiftKey ? -1 : 1)]);
};
const refresh = async (id) => {
  const page = document.querySelector(`#${id} [data-row-link]`).getAttribute("href");
  await htmx.ajax("GET", `${page}cell/title/`, { target: `#${id}`, swap: "outerHTML" });
  document.getElementById(id)?.querySelector("[data-row-link]")?.focus();
};
const field = () => document.querySelector(`#cell-form [aria-invalid="true"]`) ?? document.querySelector(CONTROLS);
let next = null; // where to go once the row has come back: { row, cell, by }
const cells = (row) => [...row.querySelectorAll("[data-edit]")].filter((c) => c.checkVisibility());
const save = (by) => {
  const cell = editing.cell;
  const row = cell.closest("[data-row]");
  next = { row: row.id, name: cell.dataset.edit, by };
  document.getElementById("cell-form").requestSubmit();
};
document.addEventListener("dblclick", ({ target }) => {
  const cell = target.closest(".ideas [data-edit]");
  if (cell && bar && !target.closest("#cell-form")) edit(cell);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.closest("#cell-form") || event.isComposing) return;
  if (event.key === "Escape") {
    const row = editing?.cell.closest("[data-row]");
    const isOverwritten = document.querySelector("#cell-form .err");
    close();
    row?.querySelector("[data-row-link]")?.focus();
    if (isOverwritten) refresh(row.id); // somebody else may have written there
  } else if (event.key === "Tab" && within(event)) {
    return; // to another control of the same cell
  } else if (event.key === "Tab") {
    save(event.shiftKey ? -1 : 1);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && fill()) {
    close();
  } else if (event.key === "Enter") {
    save(0);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);
// A click elsewhere saves the change, as in a spreadsheet.
document.addEventListener("pointerdown", ({ target }) => {
  if (!editing || target.closest("#cell-form") || !field()) return;
  const said = field();
  if (said.value === said.dataset.was) close();
  else save(0);
});
document.addEventListener("htmx:afterSettle", () => {
  tell();
  if (editing && field() && document.activeElement !== field()) {
    field().focus();
    field().select?.();
  }
  if (editing && !editing.cell.isConnected) {
    editing = null;
    const row = next && document.getElementById(next.row);
    const all = row ? cells(row) : [];
    const at = all.findIndex((cell) => cell.dataset.edit === next.name) + (next?.by || 0);
    if (next?.by && all[at]) edit(all[at]);
    else row?.querySelector("[data-row-link]")?.focus();
    next = null;
  }
});

// ── fill: Ctrl+Enter gives the value of a cell to every selected row ──
const selected = () => picks().filter((pick) => pick.checked).map((pick) => pick.value);
const fill = () => {
  const form = document.getElementById("cell-form");
  const at = form?.querySelector("option[data-fill]:checked") ?? form?.querySelector("[data-fill]");
  const url = at?.dataset.fill;
  const ids = selected();
  if (!url || !ids.length) return false;
  for (const id of ids) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "idea", value: id });
    form.append(input);
  }
  form.setAttribute("action", url);
  keepPlace();
  form.submit();
  return true;
};
document.addEventListener("htmx:afterSettle", () => {
  const hint = document.querySelector("#cell-form span[data-fill]");
  if (!hint) return;
  hint.hidden = selected().length === 0;
  hint.querySelector("b").textContent = selected().length;
});

// ── a step over many rows leads back to the same place, with the same rows selected ──
const session = kept("sessionStorage");
const PLACE = "floe:place";
const keepPlace = () =>
  session.set(PLACE, JSON.stringify({ path: location.pathname, y: scrollY, ids: selected() }));
document.addEventListener("submit", ({ target }) => {
  if (target.matches("#bulk-form, .lastchange, .messages form")) keepPlace();
}, true);
const place = session.read(PLACE);
session.remove(PLACE);
if (place?.path === location.pathname) {
  for (const pick of picks()) pick.checked = place.ids.includes(pick.value);
  tell();
  scrollTo(0, place.y);
}

// ── peek: p shows the row’s idea beside the list; j and k go on ──
const peek = document.getElementById("peek");
let looked = null;
const look = async (row) => {
  looked = row;
  const page = row?.querySelector("[data-row-link]")?.getAttribute("href");
  if (!page || !peek) return;
  await htmx.ajax("GET", `${page}peek/`, { target: "#idea-peek", swap: "outerHTML" });
  if (!peek.open) peek.showModal();
  document.getElementById("idea-peek")?.focus();
};
// The browser gives the focus back to where it was; it belongs to the row that was looked at last.
peek?.addEventListener("close", () => looked?.querySelector("[data-row-link]")?.focus());
peek?.addEventListener("keydown", ({ key }) => {
  if (key !== "j" && key !== "k") return;
  const all = [...document.querySelectorAll(".ideas [data-row]")];
  const at = all.findIndex((row) => row.hasAttribute("data-cursor"));
  const row = all[at + (key === "j" ? 1 : -1)];
  if (!row) return;
  all[at]?.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
  row.scrollIntoView({ block: "nearest" });
  look(row);
});

// ── keys of this page: x ticks the row under the cursor, e edits its title, others a cell or a step ──
const FIELDS = { o: "objective", w: "owner", t: "tags", l: "lever", c: "channel", s: "status" };
const STEPS = { z: "snooze", r: "reject" };
const act = (row, key) => {
  const cell = FIELDS[key] && cells(row).find((one) => one.dataset.edit === FIELDS[key]);
  if (cell) return edit(cell);
  if (key === "s") return null; // its states are those of its pod’s leads
  const page = row.querySelector("[data-row-link]").getAttribute("href");
  const [, base, id] = page.match(/^(.*\/)(\d+)\/$/);
  return openBulk(`${base}bulk/${FIELDS[key] ?? STEPS[key]}/?idea=${id}`);
};
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target.matches("input:not(.pick), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") || document.documentElement.dataset.keys === "off") return;
  const row = document.querySelector(".ideas [data-cursor]");
  if (key === "x" && row?.querySelector(".pick")) row.querySelector(".pick").click();
  else if (key === "e" && row && bar) edit(row.querySelector("[data-edit]"));
  else if (key === "p" && row) look(row);
  else if ((FIELDS[key] || STEPS[key]) && row && bar) act(row, key);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
});

// ── place: the address says how many rows were loaded, so that Back finds the same row ──
document.addEventListener("htmx:afterSwap", () => {
  const shown = document.querySelectorAll(".ideas [data-row]").length;
  const here = new URL(location);
  if (shown <= 50 || here.searchParams.get("show") === String(shown)) return;
  here.searchParams.set("show", shown);
  history.replaceState(history.state, "", here);
});
const seats = kept("sessionStorage");
const seat = `floe:row:${location.pathname}`;
document.addEventListener("click", ({ target }) => {
  const row = target.closest(".ideas [data-row-link]")?.closest("[data-row]");
  if (row) seats.set(seat, row.id);
});
const [visit] = performance.getEntriesByType("navigation");
if (visit?.type === "back_forward") {
  const row = document.getElementById(seats.get(seat) ?? "");
  row?.querySelector("[data-row-link]")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "center" });
}

// ── pinned columns: each stands where the ones before it end ──
const pin = () => {
  const wide = table();
  const count = Number(wide?.dataset.pinned ?? 0);
  if (!count) return;
  const boxes = bar ? 1 : 0;
  let left = 0;
  [...wide.tHead.rows[0].cells].slice(0, count + boxes).forEach((head, index) => {
    const at = `${left}px`;
    left += head.getBoundingClientRect().width;
    for (const line of wide.rows) {
      const cell = line.cells[index];
      if (!cell || cell.colSpan > 1) continue;
      cell.classList.add("pinned");
      cell.style.setProperty("--at", at);
    }
  });
};
// On a phone the filters are behind a button, which says how many of them narrow the list.
const countFilters = () => {
  const form = document.getElementById("idea-search");
  const count = form?.querySelector('[popovertarget="idea-filters"] [data-fold-count]');
  if (!count) return;
  const chosen = [...form.querySelectorAll("select")].filter((select) => select.selectedIndex > 0);
  const chips = document.querySelectorAll("#idea-table .chip.on");
  count.textContent = chosen.length + chips.length + (form.elements.q.value ? 1 : 0) || "";
};
for (const keep of [pin, countFilters]) {
  keep();
  document.addEventListener("htmx:afterSettle", keep);
}
