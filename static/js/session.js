// The scoring card: the chosen value in words, picks that survive a move of the session, the timer.
import { notice } from "./notice.js";
import { isOurs } from "./ours.js";
import { kept } from "./storage.js";
import { token } from "./token.js";

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

// What happened meanwhile stands above the session until it is over.
const session = () => document.getElementById("round-session");
const news = new Map(); // notice → whether what it says is over
const tell = (sentence, actions, isOver) => {
  const box = notice("info", sentence, actions);
  news.set(box, isOver);
  document.getElementById("session-news")?.append(box);
};
const clear = () => {
  for (const [box, isOver] of news) {
    if (isOver()) news.delete(box), box.remove();
  }
};
const afterThis = () => {
  const at = session()?.dataset.at;
  return () => session()?.dataset.at !== at;
};

// The session moves on while somebody is picking: save complete scores, keep incomplete ones, say
// so. What does not reach the server is sent again with every part of the session that arrives.
let before = null;
const unsent = [];
const REFUSED = [404, 409, 422]; // anything else, such as a server that restarts, may pass
const finish = async (left) => {
  const { key, idea, action, data, picks, scales } = left;
  const isGone = () => !store.read(key);
  const back = [[`Go back to ${idea}`, () => location.assign(action)]];
  const names = Object.entries(picks).map(([name, value]) => `${name} ${value}`).join(", ");
  if (Object.keys(picks).length < scales) {
    tell(`The session moved on while you were scoring ${idea}. Your ${names} is kept here.`, back, isGone);
    return;
  }
  data.set("csrfmiddlewaretoken", token());
  const answer = await fetch(action, { method: "POST", body: data }).catch(() => null);
  // A sign-in may lead on to any page; scores lead to another page of scoring.
  const isSaved = answer?.ok && new URL(answer.url).pathname.startsWith(new URL(action, location).pathname.split("ideas/")[0]);
  if (isSaved || REFUSED.includes(answer?.status)) {
    keep(key, null);
    clear();
    if (isSaved) tell(`The session moved on while you were scoring ${idea}. Your scores (${names}) were saved.`, [], afterThis());
    else tell(`The scores of ${idea} were revealed before you saved yours (${names}), so they don’t count.`, [], afterThis());
    return;
  }
  if (!left.isTold) tell(`The session moved on, and your scores for ${idea} (${names}) could not be sent. They are kept here, and sent when the server answers again.`, back, isGone);
  unsent.push({ ...left, isTold: true });
};
const sendAgain = () => unsent.splice(0).forEach(finish);
window.addEventListener("online", sendAgain);
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && sendAgain());

// What a swap must not take: the focus, a note that is being typed, the open dialog.
const valuesIn = (root) => [...root.querySelectorAll("input:not([type=hidden]), select, textarea")].map((f) => [f.name, f.value]);
const look = () => {
  const box = session();
  const { activeElement: at } = document;
  const dialog = document.getElementById("session");
  return {
    on: card()?.dataset.picks,
    leads: box?.dataset.leads,
    isInside: box?.contains(at),
    isNowhere: at === document.body,
    name: at?.name,
    value: at?.value,
    text: at?.matches?.("textarea") && [at.selectionStart, at.selectionEnd],
    dialog: dialog?.open && valuesIn(dialog),
    messages: [...document.querySelectorAll("#messages .msg")],
  };
};

const focusCard = () => {
  const scale = card()?.querySelector(".scale");
  const radio = scale?.querySelector(":checked") ?? scale?.querySelector("input");
  radio?.focus({ preventScroll: true });
  return Boolean(radio);
};
const focusAgain = ({ name, value, text, on }) => {
  const isSame = card()?.dataset.picks === on;
  const area = text && session().querySelector(`textarea[name="${name}"]`);
  if (area) {
    area.closest("details")?.setAttribute("open", "");
    area.value = value;
    area.focus({ preventScroll: true });
    return area.setSelectionRange(...text);
  }
  const again = isSame && name && card()?.querySelector(`.scale [name="${name}"][value="${value}"]`);
  if (again) return again.focus({ preventScroll: true });
  return focusCard() || session().querySelector("h1")?.focus();
};
const openAgain = (values) => {
  const dialog = document.getElementById("session");
  if (!dialog) return;
  for (const [name, value] of values) {
    const field = dialog.querySelector(`[name="${name}"]`);
    if (field) field.value = value;
  }
  dialog.showModal();
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "round-session") return;
  const form = card();
  before = { ...look(), isMine: detail.requestConfig?.verb === "post" };
  if (form && isOurs(form) && "unsaved" in form.dataset && !form.hasAttribute("aria-busy")) {
    before.unsaved = {
      key: keyOf(form), idea: form.dataset.key, action: form.getAttribute("action"),
      data: new FormData(form), picks: picksOf(form), scales: scalesOf(form),
    };
  }
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  restore();
  if (!before) {
    if (detail.target === document.body && document.activeElement === document.body) focusCard();
    return;
  }
  const { unsaved, isInside, isNowhere, on, leads, dialog, isMine, messages } = before;
  const seen = before;
  before = null;
  const hasMoved = card()?.dataset.picks !== on;
  if (isMine || hasMoved) messages.forEach((message) => message.isConnected && message.remove());
  clear();
  if (unsaved && hasMoved) finish(unsaved);
  if (leads && session().dataset.leads && leads !== session().dataset.leads) {
    tell(`${session().dataset.leads} leads the session now.`, [], afterThis());
  }
  if (dialog) return openAgain(dialog);
  if (isInside) focusAgain(seen);
  else if (isNowhere) focusCard();
});

// Digits score: 7 4 8 Enter. 0 stands for 10.
const isText = (field) => field.matches?.("input:not([type=radio]), textarea, select, [contenteditable]");
const scoresBy = (digit, at) => {
  const scales = [...(card()?.querySelectorAll(".scale") ?? [])];
  const open = scales.findIndex((scale) => !scale.querySelector(":checked"));
  const inside = scales.findIndex((scale) => scale.contains(at));
  const here = inside >= 0 ? inside : Math.max(open, 0);
  const radio = scales[here]?.querySelector(`[value="${digit === "0" ? "10" : digit}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const next = scales[here + 1];
  (next?.querySelector(":checked") ?? next?.querySelector("input") ?? radio).focus();
  return true;
};
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey, isComposing } = event;
  if (!/^[0-9]$/.test(key) || ctrlKey || metaKey || altKey || isComposing || isText(target)) return;
  if (kept("localStorage").get("floe:keys") === "off" || document.querySelector("dialog[open]")) return;
  if (scoresBy(key, target)) event.preventDefault();
});

// The server says how much time has passed. From then on the browser counts.
const seen = new WeakMap();
const tick = () => {
  for (const timer of document.querySelectorAll("[data-timer]:not([data-paused])")) {
    if (!seen.has(timer)) seen.set(timer, performance.now() - Number(timer.dataset.timer) * 1000);
    const spent = Math.floor((performance.now() - seen.get(timer)) / 1000);
    const text = `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`;
    timer.querySelector("[data-spent]").textContent = text;
    timer.querySelector("progress").value = Math.min(spent, Number(timer.dataset.total));
  }
};
setInterval(tick, 1000);
restore();
if (document.activeElement === document.body && !document.querySelector("dialog[open]")) focusCard();
