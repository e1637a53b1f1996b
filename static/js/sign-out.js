// Signing out removes what this browser stores for a person: drafts, picks, places in lists. Unsent
// ideas of quick add stay, because they exist nowhere else.
import { kept } from "./storage.js";

const LEAVING = "floe:leaving"; // whose things the page after the sign-out removes

const local = kept("localStorage");
const session = kept("sessionStorage");
const isUnsaved = (name) => {
  const draft = local.read(name);
  return Boolean(draft?.text?.trim()) && !draft.isSent;
};
const draftsOf = (person) => local.names(`floe:draft:${person}:`).filter(isUnsaved);
const picksOf = (person) => session.names(`floe:picks:${person}:`);
const ideasOf = (person) => local.names(`floe:idea-to-add:${person}:`);

const clear = (person) => {
  for (const name of local.names(`floe:draft:${person}:`)) local.remove(name);
  for (const prefix of [`floe:picks:${person}:`, "floe:row:"]) session.names(prefix).forEach(session.remove);
};

const many = (count, one, more) => (count === 1 ? `One ${one}` : `${count} ${more}`);
const lines = (person) => {
  const [drafts, picks, ideas] = [draftsOf, picksOf, ideasOf].map((count) => count(person).length);
  return [
    drafts && `${many(drafts, "unsaved text is", "unsaved texts are")} kept in this browser. Signing out removes ${drafts === 1 ? "it" : "them"}.`,
    picks && `${many(picks, "score that you picked but did not save", "scores that you picked but did not save")} will be removed.`,
    ideas && `${many(ideas, "idea that has not been sent stays", "ideas that have not been sent stay")} in this browser, and will be added when you sign in again.`,
  ].filter(Boolean);
};

const tell = (place) => {
  const said = lines(place.dataset.unsaved).map((line) =>
    Object.assign(document.createElement("p"), { className: "plain", textContent: line }));
  place.replaceChildren(...said);
};

// From the menu: if something is unsaved, the sign-out page says so first.
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-sign-out]");
  if (!form) return;
  const person = form.dataset.signOut;
  const asks = !document.querySelector("[data-unsaved]");
  if (asks && draftsOf(person).length + picksOf(person).length + ideasOf(person).length) {
    event.preventDefault();
    event.stopImmediatePropagation();
    location.assign(form.action);
    return;
  }
  session.set(LEAVING, person);
}, true);

// Only after the server has signed them out, so that a lost answer loses nothing.
const arrive = () => {
  const person = session.get(LEAVING);
  session.remove(LEAVING);
  if (person) clear(person);
};
if (document.querySelector("[data-signed-out]")) arrive();
for (const place of document.querySelectorAll("[data-unsaved]")) tell(place);
