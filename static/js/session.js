// The scoring card: the chosen value in words, picks that survive a move of the session, the timer.
import { notice } from "./notice.js";
import { isOurs } from "./ours.js";
import { kept } from "./storage.js";

const user = () => document.body.dataset.user;
const card = () => document.querySelector("form[data-picks]");
const keyOf = (form) => `floe:picks:${user()}:${form.dataset.picks}`;
const picksOf = (form) =>
  Object.fromEntries([...form.querySelectorAll(".scale :checked")].map((r) => [r.name, r.value]));
const scalesOf = (form) => form.querySelectorAll(".scale").length;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const store = kept("sessionStorage");
const keep = (key, picks) => (picks ? store.set(key, JSON.stringify(picks)) : store.remove(key));

const say = (form) => {
  for (const dimension of form.querySelectorAll(".dim")) {
    const output = dimension.querySelector("output");
    if (output) output.value = dimension.querySelector(":checked")?.dataset.says ?? "";
  }
};

// Restore unsaved picks. Those that the server has by now need not be kept.
const restore = () => {
  const form = card();
  if (!form) return;
  const kept = store.read(keyOf(form));
  if (kept && same(kept, picksOf(form))) keep(keyOf(form), null);
  else if (kept) {
    for (const [name, value] of Object.entries(kept)) {
      const radio = form.querySelector(`.scale [name="${name}"][value="${value}"]`);
      if (radio) radio.checked = true;
    }
    form.dataset.unsaved = "";
  }
  say(form);
};

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-picks]");
  if (!form || !target.matches(".scale input")) return;
  form.dataset.unsaved = "";
  keep(keyOf(form), picksOf(form));
  say(form);
});
document.addEventListener("click", ({ target }) => {
  const skip = target.closest?.("form[data-picks] [name=skip]");
  if (skip) keep(keyOf(skip.form), null);
});

// The session moves on while somebody is picking: save complete scores, keep incomplete ones, say
// so.
let before = null;
const tell = (sentence, actions) =>
  document.getElementById("session-news")?.replaceChildren(notice("info", sentence, actions));

const finish = async ({ key, idea, action, data, picks, scales }) => {
  const back = [[`Go back to ${idea}`, () => location.assign(action)]];
  const names = Object.entries(picks).map(([name, value]) => `${name} ${value}`).join(", ");
  if (Object.keys(picks).length < scales) {
    tell(`The session moved on while you were scoring ${idea}. Your ${names} is kept here.`, back);
    return;
  }
  try {
    const answer = await fetch(action, { method: "POST", body: data, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.ok) {
      keep(key, null);
      tell(`The session moved on while you were scoring ${idea}. Your scores (${names}) were saved.`);
    } else {
      tell(`The scores of ${idea} were revealed before you saved yours (${names}), so they don’t count.`);
    }
  } catch {
    tell(`The session moved on, and your scores for ${idea} (${names}) could not be sent. They are kept here.`, back);
  }
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "round-session") return;
  const form = card();
  const { activeElement: at } = document;
  const isInside = document.getElementById("round-session")?.contains(at);
  before = { isInside, name: at?.name, value: at?.value, on: form?.dataset.picks };
  if (form && isOurs(form) && "unsaved" in form.dataset && !form.hasAttribute("aria-busy")) {
    before.unsaved = {
      key: keyOf(form), idea: form.dataset.key, action: form.getAttribute("action"),
      data: new FormData(form), picks: picksOf(form), scales: scalesOf(form),
    };
  }
});
document.addEventListener("htmx:afterSettle", () => {
  restore();
  if (!before) return;
  const { unsaved, isInside, name, value, on } = before;
  before = null;
  const isSame = card()?.dataset.picks === on;
  if (unsaved && !isSame) finish(unsaved);
  if (!isInside) return;
  const again = isSame && name && card().querySelector(`[name="${name}"][value="${value}"]`);
  (again || document.querySelector("#round-session h1"))?.focus({ preventScroll: Boolean(again) });
});

// The server says how much time has passed. From then on the browser counts.
const seen = new WeakMap();
const tick = () => {
  for (const timer of document.querySelectorAll("[data-timer]")) {
    if (!seen.has(timer)) seen.set(timer, performance.now() - Number(timer.dataset.timer) * 1000);
    const spent = Math.floor((performance.now() - seen.get(timer)) / 1000);
    const text = `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`;
    timer.querySelector("[data-spent]").textContent = text;
    timer.querySelector("progress").value = Math.min(spent, Number(timer.dataset.total));
  }
};
setInterval(tick, 1000);
restore();
