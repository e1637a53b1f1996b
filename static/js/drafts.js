// Long texts (data-draft="key") outlive a crash, a closed tab and an expired session.
import { isSaved } from "./connection.js";
import { notice } from "./notice.js";
import { kept } from "./storage.js";

const prefix = `floe:draft:${document.body.dataset.user ?? ""}:`;
const fortnight = 14 * 24 * 3600 * 1000;

const drafts = kept("localStorage");
const { read, remove: forget } = drafts;
const write = (name, draft) => drafts.set(name, JSON.stringify(draft));

const nameOf = (field) => prefix + field.dataset.draft;
// A form of many fields keeps all of them together (form-drafts.js).
const isAlone = (field) => !field.closest("form[data-keep]");
const fieldsIn = (root) => [...root.querySelectorAll("[data-draft]")].filter(isAlone);
const cameBack = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const cameFromSignIn = () => document.referrer.includes("/login/");
const hasErrors = (field) => field.form?.querySelector(".err, .msg.bad") ?? false;

// The version of a field is stored with its draft (backlog/versions.py): a draft that comes back
// days later must not count as a change of the present text.
const versionOf = (field) => field.form?.elements.namedItem("version");
const isMarkOf = (field) => (mark) => mark.startsWith(`${field.name}~`);
const readBy = (field) => versionOf(field)?.value.split(".").find(isMarkOf(field));
const takeBack = (field, draft) => {
  field.value = draft.text;
  const version = versionOf(field);
  if (!version || !draft.read) return;
  const others = version.value.split(".").filter((mark) => !isMarkOf(field)(mark));
  version.value = [...others, draft.read].join(".");
};

const offer = (field, draft) => {
  const name = nameOf(field);
  const when = new Date(draft.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
  const drop = () => {
    forget(name);
    box.remove();
    field.focus();
  };
  const restore = () => {
    takeBack(field, draft);
    box.remove();
    field.focus();
  };
  const isOnlyOffered = field.value.trim();
  const box = isOnlyOffered
    ? notice("info", `You left unsaved text here on ${when}.`, [
        ["Use it instead", restore],
        ["Discard it", drop],
      ])
    : notice("info", `Your unsaved text from ${when} is back.`, [
        ["Discard it", () => { field.value = ""; drop(); }],
      ]);
  if (!isOnlyOffered) takeBack(field, draft);
  field.closest("details")?.setAttribute("open", "");
  box.setAttribute("role", "status");
  (field.closest("label") ?? field).after(box);
};

const attach = (field) => {
  if (field.dataset.drafted) return;
  field.dataset.drafted = "yes";
  const draft = read(nameOf(field));
  if (!draft) return;
  const wasSaved = draft.isSent && !cameBack() && !cameFromSignIn() && !hasErrors(field);
  if (wasSaved || draft.text === field.value || !draft.text.trim()) {
    if (!hasErrors(field)) forget(nameOf(field));
    return;
  }
  offer(field, draft);
};

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-draft]") || !isAlone(target)) return;
  write(nameOf(target), { text: target.value, at: Date.now(), read: readBy(target) });
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  for (const field of fieldsIn(event.target)) {
    const draft = read(nameOf(field));
    if (draft) write(nameOf(field), { ...draft, isSent: true });
  }
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!isSaved(detail)) return;
  for (const field of fieldsIn(detail.requestConfig.elt)) forget(nameOf(field));
});
document.addEventListener("htmx:load", ({ detail }) => {
  for (const field of fieldsIn(detail.elt)) attach(field);
});

const onPage = new Set([...fieldsIn(document)].map(nameOf));
for (const name of drafts.names(prefix).filter((name) => !name.startsWith(`${prefix}form-`))) {
  const draft = read(name);
  const isOld = !draft || Date.now() - draft.at > fortnight;
  const wasSaved = draft?.isSent && !onPage.has(name) && !cameBack();
  if (isOld || wasSaved) forget(name);
}
for (const field of fieldsIn(document)) attach(field);
