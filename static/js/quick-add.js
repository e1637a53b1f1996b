// Quick add: the line clears at once, titles queue, and each is sent until the server has it.
// The queue is kept in the browser, so a closed tab or an expired session loses none.
import { kept } from "./storage.js";
import { renewToken, signInAt, token } from "./token.js";

const person = document.body.dataset.user;
const prefix = `floe:idea-to-add:${person}:`;
const PAUSE = 2000;
let isSending = false;
let trouble = ""; // why the first of the queue is not sent yet
let isSignedOut = false;
let refused = []; // [{ title, description, sentence }] that the server will not take
let added = null;

const store = kept("localStorage");
const memory = new Map(); // where the browser keeps nothing, the tab does
const names = () => [...new Set([...store.names(prefix), ...memory.keys()])].sort();
const put = (item) => {
  const name = `${prefix}${String(item.at).padStart(20, "0")}:${item.key}`;
  if (!store.set(name, JSON.stringify(item))) memory.set(name, item);
};
const drop = (name) => {
  memory.delete(name);
  store.remove(name);
};
const queue = () => names().map((name) => [name, memory.get(name) ?? store.read(name)]).filter((e) => e[1]);

const words = (text) => document.createTextNode(text);
const link = (text, href) => Object.assign(document.createElement("a"), { className: "link", href, textContent: text });
const button = (text, act) => {
  const one = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: text });
  one.addEventListener("click", act);
  return one;
};

const lines = () => {
  const left = queue();
  const said = refused.map(({ title, sentence }, at) => [
    words(`“${title}” was not added. ${sentence} `),
    button("Put it back in the field", () => putBack(at)), words(" "),
    button("Discard it", () => { refused.splice(at, 1); show(); }),
  ]);
  if (left.length && trouble) {
    const [first, ...others] = left.map(([, { title }]) => `“${title}”`);
    const all = others.length ? `${first} and ${others.length} more are` : `${first} is`;
    said.push([words(`${all} not saved yet. ${trouble} `), ...actions()]);
  } else if (left.length) {
    said.push([words(`Adding ${left.length === 1 ? `“${left[0][1].title}”` : `${left.length} ideas`} …`)]);
  } else if (added) {
    const count = added.missing?.length ?? 0;
    const lacks = count ? `${count} ${count === 1 ? "thing is" : "things are"} still missing before it can be promoted. ` : "";
    said.push([link(added.key, `/ideas/${added.id}/`), words(` was added. ${lacks}`),
      link(`Fill in ${added.key}`, `/ideas/${added.id}/edit/`)]);
  }
  return said;
};
const actions = () =>
  isSignedOut
    ? [link("Sign in", signInAt())]
    : [button("Try now", () => { trouble = ""; send(); })];
const show = () => {
  for (const place of document.querySelectorAll("[data-quick-status]")) {
    place.replaceChildren(...lines().map((parts) => {
      const line = document.createElement("span");
      line.append(...parts);
      return line;
    }));
  }
};
const putBack = (at) => {
  const field = [...document.querySelectorAll("[data-quick-add] [name=title]")].find((one) => one.checkVisibility());
  const [{ title, description }] = refused.splice(at, 1);
  field.value = title;
  const more = field.form.elements.namedItem("description");
  if (more && description) more.value = description;
  field.focus();
  show();
};

const post = (item) =>
  fetch("/api/v1/ideas/", {
    method: "POST",
    signal: AbortSignal.timeout(20000),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "Idempotency-Key": item.key },
    body: JSON.stringify({ title: item.title, description: item.description, pod: item.pod }),
  });

const sentenceIn = (answer) =>
  [answer.detail ?? Object.values(answer)].flat(2).map(String).join(" ");

// True if the server has it or will never accept it, false if it must be tried again.
const settle = async (item) => {
  let answer;
  isSignedOut = false;
  try {
    answer = await post(item);
  } catch {
    trouble = navigator.onLine ? "The server cannot be reached. Floe keeps trying." : "You are offline. It will be sent when you are back online.";
    return false;
  }
  if (answer.status === 401 || answer.status === 403) {
    const body = await answer.json().catch(() => ({}));
    const isBack = await renewToken().catch(() => false);
    if (answer.status === 403 && isBack && !String(body.detail).startsWith("CSRF")) {
      refused.push({ ...item, sentence: sentenceIn(body) });
      return true;
    }
    isSignedOut = !isBack;
    trouble = isBack ? "Floe keeps trying." : "You were signed out. Sign in again with the same account, and it will be sent.";
    return false;
  }
  if (answer.status >= 500 || answer.status === 429) {
    trouble = "Something went wrong on our side. Floe keeps trying.";
    return false;
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) added = body;
  else refused.push({ ...item, sentence: sentenceIn(body) });
  trouble = "";
  return true;
};

const refresh = () => {
  const table = document.getElementById("idea-table");
  if (!table || document.getElementById("cell-form") || !document.querySelector(".quickadd")) return;
  const here = location.pathname + location.search;
  window.htmx.ajax("GET", here, { target: "#idea-table", swap: "outerHTML", source: table });
};

const send = async () => {
  if (isSending) return;
  isSending = true;
  let hasAdded = false;
  for (let [next] = queue(); next; [next] = queue()) {
    const [name, item] = next;
    show();
    if (!(await settle(item))) {
      setTimeout(send, PAUSE);
      break;
    }
    drop(name);
    hasAdded = true;
  }
  isSending = false;
  show();
  if (hasAdded && !queue().length) refresh();
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("[data-quick-add]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const field = form.elements.namedItem("title");
  const title = field.value.trim();
  if (!title) return;
  const pod = form.elements.namedItem("pod");
  const description = form.elements.namedItem("description");
  const chosen = pod.selectedOptions?.[0] ?? pod;
  field.value = "";
  field.removeAttribute("aria-invalid");
  form.querySelector(".similar")?.replaceChildren();
  added = null;
  put({ key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, title, description: description?.value.trim(), pod: Number(chosen.dataset.id), at: Math.round((performance.timeOrigin + performance.now()) * 1000) });
  if (description) description.value = "";
  send();
}, true);
window.addEventListener("online", send);
if (document.querySelector("[data-quick-status]")) send();
