// The texts of a post-mortem, written by one or several people at once. Each text is saved by itself
// and merged by the server (experiments/learning/sections.py says how). What is not saved yet is kept
// in this browser and sent again under the same uuid, so that nothing counts twice.
import { movedIn } from "./caret.js";
import { notice } from "./notice.js";
import { kept } from "./storage.js";
import { takeTalk } from "./section-comments.js";
import { attachImages, areImagesWaiting, drawImages } from "./section-images.js";
import { renewToken, signInAt, token } from "./token.js";

const POLL = 2000;
const AFTER_LAST_KEY = 1000;
const AT_LATEST = 5000; // while somebody types without a pause
const PAUSES = [1000, 2000, 4000, 8000];
const MOST_BASES = 50;
const LOST = "The server cannot be reached, so your text is not saved yet. It is kept in this browser, and Floe keeps trying.";
const SIGNED_OUT = "You were signed out, so your text is not saved yet. Sign in again with the same account, and it will be sent.";

const storage = kept("localStorage");
const tabs = kept("sessionStorage");
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
const tab = tabs.get("floe:tab") ?? uuid();
tabs.set("floe:tab", tab);
const person = document.body.dataset.user ?? "";
const keysOf = (postMortem) => `floe:draft:${person}:section-${postMortem}-`;

let sections = []; // those on the page
let form = null;
let turn = 0; // counts everything that makes an answer of the poll out of date

const region = () => document.getElementById("connection");
const say = (section, sentence, isUnsaved = false) => {
  const place = section.element.querySelector("[data-saved]");
  place.textContent = sentence;
  place.classList.toggle("unsaved", isUnsaved);
};
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// What has to be sent if this page ends now: what was typed last, which is based on what is under way.
const keep = (section) => {
  const entry = section.pending ?? section.sending;
  if (entry) section.isKept = storage.set(section.key, JSON.stringify({ ...entry, at: Date.now() }));
  else storage.remove(section.key);
};

// A text that comes from elsewhere takes the field; the caret stays at its word.
const show = (field, text) => {
  const before = field.value;
  if (before === text) return;
  const moved = movedIn(before, text);
  const [start, end] = [moved(field.selectionStart), moved(field.selectionEnd)];
  const { scrollTop } = field;
  field.value = text;
  if (document.activeElement === field) field.setSelectionRange(start, end);
  field.scrollTop = scrollTop;
  drawImages(field);
};

const type = (section) => {
  const { field } = section;
  turn += 1;
  if (!section.pending || section.pending.wasSent) {
    const last = section.sending ?? section.pending;
    const bases = last ? [last.uuid, ...last.bases] : section.bases;
    section.pending = { uuid: uuid(), bases: bases.slice(0, MOST_BASES), wasSent: false };
    section.since = Date.now();
  }
  section.pending.text = field.value;
  drawImages(field);
  section.refused = false;
  keep(section);
  if (!section.tries) say(section, "Saving …");
  schedule(section, Math.max(0, Math.min(AFTER_LAST_KEY, section.since + AT_LATEST - Date.now())));
};

const schedule = (section, pause) => {
  clearTimeout(section.timer);
  section.timer = setTimeout(() => flush(section), pause);
};

const answered = (section, { uuid: head, text, conflicts, hint }) => {
  section.element.querySelector("[data-hint]").textContent = hint;
  const sent = section.sending;
  section.sending = null;
  section.tries = 0;
  if (section.pending || section.field.value !== sent.text) {
    section.bases = [sent.uuid, ...sent.bases].slice(0, MOST_BASES);
  } else {
    section.bases = [head];
    show(section.field, text);
  }
  keep(section);
  say(section, section.pending ? "Saving …" : `Saved ${clock()}.`);
  if (!sections.some((one) => one.tries)) region()?.replaceChildren();
  drawConflicts(conflicts);
  if (section.pending) schedule(section, AFTER_LAST_KEY);
};

const takeBack = (section) => {
  if (!section.pending) section.pending = { ...section.sending, wasSent: true };
  section.sending = null;
  keep(section);
};

const failed = (section, sentence, actions = []) => {
  takeBack(section);
  section.tries += 1;
  say(section, "Not saved yet", true);
  region()?.replaceChildren(notice("warn", sentence, [["Try again", flushAll], ...actions]));
  schedule(section, PAUSES[Math.min(section.tries, PAUSES.length) - 1]);
};

// It would be refused again, so it waits until somebody types.
const refused = (section, sentence) => {
  takeBack(section);
  section.refused = true;
  say(section, `Not saved. ${sentence} What you typed is kept in this browser.`, true);
};

const bodyOf = ({ uuid: own, bases, text }) => {
  const body = new FormData();
  body.set("uuid", own);
  body.set("bases", bases.join(" "));
  body.set("text", text);
  return body;
};

const flush = async (section, isLeaving = false) => {
  clearTimeout(section.timer);
  if (section.sending || !section.pending || section.refused) return section.under;
  turn += 1;
  section.sending = section.pending;
  section.sending.wasSent = true;
  section.pending = null;
  keep(section);
  section.under = send(section, isLeaving);
  return section.under;
};

const send = async (section, keepalive) => {
  let answer;
  try {
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    const options = { method: "POST", body: bodyOf(section.sending), headers, keepalive };
    answer = await fetch(section.url, { ...options, signal: keepalive ? null : AbortSignal.timeout(20_000) });
  } catch {
    return failed(section, LOST);
  } finally {
    turn += 1;
  }
  const isSignedOut = new URL(answer.url).pathname.startsWith("/account/login/");
  if (isSignedOut || answer.headers.get("X-Stale-Token")) {
    if (await renewToken().catch(() => false)) return failed(section, LOST);
    return failed(section, SIGNED_OUT, [["Sign in", () => window.open(signInAt(), "_blank")]]);
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return answered(section, said);
  if (answer.status >= 500 || answer.status === 429) return failed(section, LOST);
  return refused(section, said?.detail ?? `The server refused this (${answer.status}).`);
};

const isClean = (section) => !section.pending && !section.sending;
const flushAll = async () => {
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(sections.filter((section) => !isClean(section)).map((section) => flush(section)));
    if (sections.every(isClean)) return true;
  }
  return false;
};

// Where two people wrote: both texts, and what may stay.
const button = (label, act) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn s", textContent: label });
  made.addEventListener("click", act);
  return made;
};
const settle = async (section, { id }, keepWhich) => {
  if (!isClean(section) && !(await flushAll())) return;
  const body = new FormData();
  body.set("keep", keepWhich);
  const url = new URL(`../../conflicts/${id}/`, new URL(section.url, location.href));
  const headers = { "X-CSRFToken": token(), Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", body, headers }).catch(() => null);
  if (!answer?.ok) say(section, "That could not be settled. Edit the text, or try again.", true);
  poll();
};
const whose = (name) => (name === "You" ? "mine" : `${name}’s`);
const drawn = (section, conflict) => {
  const box = document.createElement("div");
  box.className = "twice";
  box.dataset.conflict = conflict.id;
  const told = document.createElement("p");
  const who = document.createElement("b");
  const isOne = conflict.earlier_by === conflict.later_by;
  if (isOne) who.textContent = `${conflict.later_by} wrote here in two windows at once. `;
  else who.textContent = `${conflict.earlier_by} and ${conflict.later_by === "You" ? "you" : conflict.later_by} both wrote here. `;
  told.append(who, "Both texts are in, one after the other. Choose what stays, or edit the text.");
  const list = document.createElement("dl");
  for (const [name, text] of [[conflict.earlier_by, conflict.earlier], [conflict.later_by, conflict.later]]) {
    const row = document.createElement("div");
    row.append(
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: text || "(removed)" }),
    );
    list.append(row);
  }
  const acts = document.createElement("div");
  acts.className = "acts";
  acts.append(
    button("Keep both", () => settle(section, conflict, "both")),
    button(isOne ? "Keep the first" : `Keep ${whose(conflict.earlier_by)}`, () => settle(section, conflict, "earlier")),
    button(isOne ? "Keep the second" : `Keep ${whose(conflict.later_by)}`, () => settle(section, conflict, "later")),
  );
  box.append(told, list, acts);
  return box;
};
const drawConflicts = (conflicts) => {
  for (const section of sections) {
    const place = section.element.querySelector("[data-conflicts]");
    const mine = conflicts.filter((one) => one.section === section.name);
    const known = [...place.querySelectorAll("[data-conflict]")].map((box) => box.dataset.conflict).join();
    if (known === mine.map((one) => String(one.id)).join() && (place.dataset.drawn || !mine.length)) continue;
    place.dataset.drawn = "yes";
    place.replaceChildren(...mine.map((one) => drawn(section, one)));
  }
};

const tellWriters = (section, names) => {
  const place = section.element.querySelector("[data-writers]");
  const text = names.length ? `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} writing here.` : "";
  if (place.textContent !== text) place.textContent = text;
};

const takeNews = ({ is_published: isPublished, sections: news, writers, conflicts, talk }) => {
  for (const section of sections) {
    const head = news[section.name];
    if (head && isClean(section)) {
      section.bases = [head.uuid];
      if (section.field.value !== head.text) {
        show(section.field, head.text);
        say(section, `${head.by} saved this ${clock()}.`);
      }
    }
    tellWriters(section, writers[section.name] ?? []);
  }
  drawConflicts(conflicts);
  if (talk) {
    form.dataset.talk = talk.mark;
    takeTalk(talk.html);
  }
  if (isPublished) {
    region()?.replaceChildren(notice("info", "It was published meanwhile, so it can’t be changed any more. What you typed is kept.", [["Read it", () => location.reload()]]));
    form = null;
  }
};

let isPolling = false;
const poll = async () => {
  if (!form?.isConnected || document.hidden || isPolling) return;
  isPolling = true;
  const asked = turn;
  const query = new URLSearchParams(sections.map((section) => [section.name, section.bases[0] ?? ""]));
  query.set("talk", form.dataset.talk);
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(`${form.dataset.writing}?${query}`, { headers, signal: AbortSignal.timeout(10_000) });
    if (answer.ok && asked === turn && form?.isConnected && answer.headers.get("Content-Type")?.includes("json")) {
      takeNews(await answer.json());
    }
  } catch {
    // The next one may get through. What is typed says by itself that it is not saved.
  } finally {
    isPolling = false;
  }
};

// Texts that an earlier page of this browser could not save: those of this tab, and of tabs that ended.
const restore = (section, prefix) => {
  const others = storage.names(`${prefix}${section.name}-`).filter((name) => name !== section.key);
  const own = storage.read(section.key);
  for (const name of own ? [] : others) {
    const entry = storage.read(name);
    if (!entry || Date.now() - entry.at < 30_000) continue; // the other tab is at it
    storage.remove(name);
    if (adopt(section, entry)) return;
  }
  if (own) adopt(section, own);
};
const adopt = (section, entry) => {
  if (typeof entry.text !== "string" || !Array.isArray(entry.bases)) return false;
  section.pending = { uuid: entry.uuid, bases: entry.bases, text: entry.text, wasSent: true };
  section.field.value = entry.text;
  keep(section);
  say(section, "Not saved yet", true);
  schedule(section, 0);
  return true;
};

const attach = () => {
  const found = document.querySelector("form[data-coediting]");
  if (!found || found === form) return;
  for (const section of sections) clearTimeout(section.timer);
  form = found;
  const prefix = keysOf(form.dataset.coediting);
  sections = [...form.querySelectorAll("textarea[data-section]")].map((field) => {
    const name = field.dataset.section;
    const element = field.closest("section");
    const base = form.elements.namedItem(`${name}_base`).value;
    return {
      name, field, element, url: element.dataset.url, key: `${prefix}${name}-${tab}`,
      bases: base.split(" "), pending: null, sending: null, tries: 0, timer: 0, since: 0, refused: false,
    };
  });
  for (const section of sections) {
    const { field } = section;
    const typed = field.value;
    restore(section, prefix);
    if (!section.pending && typed !== field.defaultValue) type(section); // an answer with errors keeps what was typed
    field.addEventListener("input", () => type(section));
    field.addEventListener("blur", () => flush(section));
  }
  attachImages(form);
};

document.addEventListener("submit", (event) => {
  if (event.target !== form || event.submitter?.formAction.includes("/conflicts/")) return;
  event.preventDefault();
  flushAll();
}, true);
// Whatever else is sent from this page waits for the texts: publishing publishes what is saved.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, verb, issueRequest } = event.detail;
  if (!form?.isConnected || verb === "get" || !elt.matches("form") || sections.every(isClean)) return;
  event.preventDefault();
  flushAll().then((isSaved) => {
    if (isSaved) issueRequest(true);
  });
});
const leave = () => sections.forEach((section) => flush(section, true));
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : poll()));
window.addEventListener("pagehide", leave);
window.addEventListener("beforeunload", (event) => {
  if (areImagesWaiting() || sections.some((section) => !isClean(section) && !section.isKept)) event.preventDefault();
});
window.addEventListener("online", flushAll);
document.addEventListener("htmx:load", attach);
attach();
setInterval(poll, POLL);

// On the page of a published one: what this browser could not save before.
const lost = document.querySelector("[data-kept-of]");
for (const name of lost ? storage.names(keysOf(lost.dataset.keptOf)) : []) {
  const entry = storage.read(name);
  if (!entry?.text?.trim()) continue;
  const box = notice("info", "You typed this before it was published, and it could not be saved:", [
    ["Discard it", () => { storage.remove(name); box.remove(); }],
  ]);
  const text = Object.assign(document.createElement("textarea"), { className: "area", value: entry.text, readOnly: true, rows: 5 });
  text.setAttribute("aria-label", "What you typed");
  box.append(text);
  lost.append(box);
}
