// A write without an answer is kept, shown as not saved, and sent again until it is saved.
import { notice } from "./notice.js";
import { clean, hasOurToken, isOurs, ours } from "./ours.js";
import { renewToken, signInAt, token } from "./token.js";

const PAUSES = [1000, 2000, 4000, 8000]; // and the last one from there on
const LOST = "The server cannot be reached, so this is not saved yet. Floe keeps trying.";
const SLOW = "The server took too long to answer, so this may not be saved. Floe keeps trying.";
const BROKEN = "Something went wrong on our side, so this is not saved. What you typed is still here.";
const OFFLINE = "You are offline, so this is not saved yet. It will be sent when you are back online.";
const CLOSED = "Floe is read-only right now, so this is not saved yet. Floe keeps trying.";
const SIGNED_OUT = "You were signed out, so this is not saved yet. Sign in again with the same account, and it will be sent.";

const region = () => document.getElementById("connection");
const waiting = new Map(); // form → { button, tries, timer, sentence, isSignedOut }

const tell = () => {
  const [first] = waiting.values();
  if (!first) return region()?.replaceChildren();
  const actions = first.isSignedOut
    ? [["Sign in", () => window.open(signInAt(), "_blank")], ["Try again", sendAll]]
    : [["Try again", sendAll]];
  const many = waiting.size > 1 ? ` ${waiting.size} changes are waiting.` : "";
  region()?.replaceChildren(notice("warn", first.sentence + many, actions));
};

const mark = (form, isWaiting) => {
  form.toggleAttribute("data-waiting", isWaiting);
  form.querySelector(":scope .unsaved")?.remove();
  if (!isWaiting) return;
  const word = document.createElement("span");
  word.className = "unsaved";
  word.textContent = "Not saved yet";
  (form.querySelector(".acts, .stagebar .push, .line") ?? form).append(word);
};

const forget = (form) => {
  clearTimeout(waiting.get(form)?.timer);
  waiting.delete(form);
  mark(form, false);
  tell();
};

const keep = (form, sentence, { button = null, isSignedOut = false, isFinal = false } = {}) => {
  const before = waiting.get(form);
  const tries = (before?.tries ?? 0) + 1;
  clearTimeout(before?.timer);
  const pause = PAUSES[Math.min(tries, PAUSES.length) - 1];
  const timer = isFinal ? null : setTimeout(() => send(form), pause);
  const kept = { button: button ?? before?.button, tries, timer, sentence, isSignedOut };
  waiting.set(form, kept);
  mark(form, true);
  tell();
};

// The page may draw a form anew while it waits: then the new one takes over what was filled in.
const left = new Set(["csrfmiddlewaretoken", "version", "seen", "given"]);
const hiddenIn = (form) =>
  JSON.stringify([...form.querySelectorAll("input[type=hidden]")].filter((one) => !left.has(one.name)).map((one) => [one.name, one.value]));
const isSame = (one, other) =>
  one.getAttribute("action") === other.getAttribute("action") && one.dataset.picks === other.dataset.picks && hiddenIn(one) === hiddenIn(other);
const heirOf = (form) => [...document.querySelectorAll("form")].find((one) => isSame(one, form));
const handOn = (form, heir) => {
  const { button, tries, sentence, isSignedOut, timer } = waiting.get(form);
  for (const field of form.elements) {
    const next = field.name && !left.has(field.name) && heir.elements.namedItem(field.name);
    if (next instanceof RadioNodeList) next.value = form.elements.namedItem(field.name).value;
    else if (next && field.type === "checkbox") next.checked = field.checked;
    else if (next && field.type !== "hidden") next.value = field.value;
  }
  const twin = button && [...heir.elements].find((one) => one.name === button.name && one.value === button.value && one.formAction === button.formAction);
  waiting.delete(form);
  clearTimeout(timer);
  waiting.set(heir, { button: twin, tries, sentence, isSignedOut, timer: setTimeout(() => send(heir), PAUSES[0]) });
  mark(heir, true);
};
const dropped = (form) => {
  const { button } = waiting.get(form);
  forget(form);
  if (form.dataset.picks && !button?.hasAttribute("hx-post")) return; // session.js sends scores that were left behind
  const name = (button ?? form.querySelector("button"))?.textContent.trim();
  region()?.replaceChildren(notice("info", `“${name}” was not sent again, because the page has moved on.`, []));
};
const follow = (form) => {
  const heir = heirOf(form);
  return heir ? handOn(form, heir) : dropped(form);
};
document.addEventListener("htmx:afterSettle", () => {
  for (const [form, { isSending }] of [...waiting]) {
    if (!form.isConnected && !isSending) follow(form); // what is on its way has an answer of its own
  }
});

const ANSWERED_WITHIN = 25_000; // htmx gives up before
const send = async (form) => {
  const kept = waiting.get(form);
  if (!kept || kept.isSending) return;
  clearTimeout(kept.timer);
  if (!form.isConnected) return follow(form);
  if (!navigator.onLine) return keep(form, OFFLINE, kept);
  if (kept.isSignedOut) {
    const isBack = await renewToken().catch(() => false);
    if (!isBack) return keep(form, kept.sentence, kept);
  }
  kept.isSending = true;
  kept.timer = setTimeout(() => { kept.isSending = false; send(form); }, ANSWERED_WITHIN);
  if (kept.button?.isConnected) kept.button.click(); // htmx knows a button by its click alone
  else form.requestSubmit();
};
const sendAll = () => [...waiting.keys()].forEach(send);

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get" && isOurs(detail.elt)) detail.headers["X-CSRFToken"] = token();
});

// A form writes, by itself or by a button of it that leads elsewhere, such as "Reveal scores".
const formOf = (elt) => {
  if (elt?.matches?.("button[hx-post]")) return elt.form;
  return elt?.matches?.("form") ? elt : null;
};
const isWrite = ({ elt, requestConfig }) =>
  Boolean(formOf(elt)) && (requestConfig?.verb ?? "get") !== "get";
const buttonOf = ({ elt, requestConfig }) =>
  elt?.matches?.("button") ? elt : (requestConfig?.triggeringEvent?.submitter ?? null);

// htmx calls nothing successful that leads to another page, so this asks for itself.
export const isSaved = (detail) => {
  const { status = 0 } = detail.xhr ?? {};
  const leadsTo = detail.xhr?.getResponseHeader?.("HX-Redirect") ?? "";
  const form = detail.requestConfig?.elt; // the answer may have taken its place
  return isWrite({ ...detail, elt: form }) && status >= 200 && status < 300 && !leadsTo.startsWith("/account/login/");
};

// For reads: what was typed stays, and signing in happens in a tab of its own.
export const saySignedOut = () => {
  if (waiting.size) return;
  const signIn = ["Sign in", () => window.open(signInAt(), "_blank")];
  region()?.replaceChildren(notice("warn", "You were signed out. What you typed is still here.", [signIn]));
};

// Failed reads are repeated by a click.
const say = (sentence, detail) => {
  if (waiting.size) return;
  const again = () => {
    region()?.replaceChildren();
    const { elt, requestConfig } = detail;
    if (!elt.isConnected) return location.reload();
    const type = requestConfig?.triggeringEvent?.type ?? "click";
    if (type === "click") return elt.click();
    return window.htmx.trigger(elt, type);
  };
  region()?.replaceChildren(notice("warn", sentence, [["Try again", again]]));
};

const failed = (detail, sentence, options = {}) => {
  if (isWrite(detail)) keep(formOf(detail.elt), sentence, { button: buttonOf(detail), ...options });
  else say("The server cannot be reached. What you typed is still here.", detail);
};
document.addEventListener("htmx:sendError", ({ detail }) => failed(detail, LOST));
document.addEventListener("htmx:timeout", ({ detail }) => failed(detail, SLOW));
document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  // Our own errors would only happen again, but a server that is starting or unreachable comes
  // back.
  if (status >= 500) return failed(detail, status === 500 ? BROKEN : LOST, { isFinal: status === 500 });
  if (isWrite(detail)) forget(formOf(detail.elt)); // it would be refused again
  return say(`The server refused this (${status}). What you typed is still here.`, detail);
});

// A page that is about to leave reads nothing more. Otherwise each poll of a page that has moved
// begins the same step again and ends the one before, for ever where the next page is slow.
const PATIENCE = 20_000; // if that page never comes, this one reads again
let leftAt = -Infinity;
const isLeaving = () => performance.now() - leftAt < PATIENCE;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isLeaving() && !isWrite(event.detail)) event.preventDefault();
});
window.addEventListener("pageshow", () => (leftAt = -Infinity));

const isStale = (xhr) => xhr.status === 403 && xhr.getResponseHeader("X-Stale-Token");
// A write that would lead to the sign-in page, or that a stale token stopped, stays on its page.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { detail } = event;
  const leadsTo = detail.xhr.getResponseHeader("HX-Redirect") ?? "";
  if (!isWrite(detail) && leadsTo.startsWith("/account/login/")) {
    event.preventDefault(); // what is only read never takes along what was typed beside it
    saySignedOut();
    return;
  }
  const isLost = isWrite(detail) && (leadsTo.startsWith("/account/login/") || isStale(detail.xhr));
  if (!isLost) {
    if (!leadsTo && !detail.xhr.getResponseHeader("HX-Refresh")) return;
    if (isLeaving() && !isWrite(detail)) event.preventDefault();
    leftAt = performance.now();
    return;
  }
  event.preventDefault();
  keep(formOf(detail.elt), SIGNED_OUT, { button: buttonOf(detail), isSignedOut: true });
});
// A proxy's error page is not ours, so it is not shown.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isOurs = detail.xhr.getResponseHeader("HX-Retarget");
  if (detail.xhr.status >= 500 && !isOurs) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = formOf(detail.requestConfig?.elt ?? detail.elt); // the answer may have taken its place
  const kept = waiting.get(form);
  const isAnswered = detail.xhr?.status > 0 && detail.xhr.status < 500 && !isStale(detail.xhr);
  const leadsTo = detail.xhr?.getResponseHeader?.("HX-Redirect") ?? "";
  if (isWrite(detail) && detail.xhr?.status === 503) keep(form, CLOSED, { button: buttonOf(detail) });
  else if (kept && isAnswered && !leadsTo.startsWith("/account/login/")) forget(form);
  else if (!waiting.size && detail.successful) region()?.replaceChildren();
});

window.addEventListener("online", sendAll);
window.addEventListener("offline", () => {
  if (waiting.size) return tell();
  region()?.replaceChildren(notice("warn", "You are offline. What you save is kept, and sent when you are back online."));
});
window.addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});

// htmx sends plain forms as well, so that a lost answer never leaves the page with what was typed.
const isPlain = (form) =>
  form.method === "post" &&
  form.enctype !== "multipart/form-data" &&
  form.target !== "_blank" &&
  !form.matches("[hx-post], [data-plain]") &&
  !form.closest("[hx-disable]") &&
  hasOurToken(form);
const take = (root) => {
  const forms = root.matches?.("form") ? [root] : root.querySelectorAll("form");
  for (const form of [...forms].filter(isPlain)) {
    clean(form); // a word that it brought would count from here on
    form.dataset.ours = ours;
    form.setAttribute("hx-post", form.getAttribute("action") || location.pathname + location.search);
    form.setAttribute("hx-target", "body");
    form.setAttribute("hx-swap", "innerHTML show:window:top");
    window.htmx.process(form);
  }
};
document.addEventListener("htmx:load", ({ detail }) => take(detail.elt));

// A page that comes back with errors scrolls to them, wherever the button was.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.xhr?.status !== 422 || detail.target !== document.body) return;
  const said = document.querySelector("#main [role=alert]:not(:empty), #main .err, #main .both");
  const field = document.querySelector("#main [aria-invalid=true]");
  field?.focus({ preventScroll: true });
  (said?.closest(".field") ?? said ?? document.body).scrollIntoView({ block: "center" });
});
take(document);
