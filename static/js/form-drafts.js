// Everything typed and chosen in a form of many fields (data-keep="key") outlives a crash, a closed tab
// and an expired session. Single long texts are kept by drafts.js.
import { isSaved } from "./connection.js";
import { notice } from "./notice.js";
import { kept } from "./storage.js";

const prefix = `floe:draft:${document.body.dataset.user ?? ""}:form-`;
const fortnight = 14 * 24 * 3600 * 1000;
const drafts = kept("localStorage");

const left = new Set(["csrfmiddlewaretoken", "version", "seen", "once"]);
const isKept = (field) =>
  field.name && !left.has(field.name) && !["password", "file", "submit", "button"].includes(field.type);
const fieldsOf = (form) => [...form.elements].filter(isKept);
const isTick = (field) => field.type === "checkbox" || field.type === "radio";

const valuesOf = (form) =>
  fieldsOf(form).filter((field) => !isTick(field) || field.checked).map((field) => [field.name, field.value]);
const versionOf = (form) => form.elements.namedItem("version")?.value ?? "";
const textOf = (form) => JSON.stringify(valuesOf(form));
const nameOf = (form) => prefix + form.dataset.keep;

const rowsOf = (set) => Number(set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`).value);
const addRows = (form, values) => {
  for (const set of form.querySelectorAll("[data-formset]")) {
    const wanted = Number(values.find(([name]) => name === `${set.dataset.formset}-TOTAL_FORMS`)?.[1] ?? 0);
    for (let rows = rowsOf(set); rows < wanted; rows += 1) set.querySelector("[data-add]")?.click();
  }
};

// What listens to the form, such as the calculator, is not there yet while the page loads.
const whenLoaded = (work) =>
  document.readyState === "complete" ? work() : window.addEventListener("load", work, { once: true });

const fill = (form, values) => {
  addRows(form, values);
  const chosen = new Map();
  for (const [name, value] of values) chosen.set(name, [...(chosen.get(name) ?? []), value]);
  for (const field of fieldsOf(form)) {
    const own = chosen.get(field.name) ?? [];
    if (isTick(field)) field.checked = own.includes(field.value);
    else if (own.length) field.value = own[0];
  }
  for (const mark of form.querySelectorAll('[name$="-DELETE"]')) {
    const row = mark.closest("[data-item]");
    if (row) row.hidden = isTick(mark) ? mark.checked : Boolean(mark.value);
  }
  whenLoaded(() => form.dispatchEvent(new Event("change", { bubbles: true })));
};

const at = (draft) =>
  new Date(draft.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const place = (form, box) => {
  box.setAttribute("role", "status");
  form.prepend(box);
};

const restore = (form, draft) => {
  const discard = () => {
    drafts.remove(nameOf(form));
    window.location.assign(window.location.href.split("#")[0]); // as it is saved, rows and all
  };
  const put = () => {
    fill(form, draft.values);
    place(form, notice("info", `Draft kept ${at(draft)}.`, [["Discard it", discard]]));
  };
  if (draft.version === versionOf(form)) return put();
  const box = notice("warn", `You left a draft here at ${at(draft)}, and this was saved by somebody since.`, [
    ["Use the draft", () => { box.remove(); put(); }],
    ["Discard it", () => { drafts.remove(nameOf(form)); box.remove(); }],
  ]);
  place(form, box);
};

const cameBack = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const cameFromSignIn = () => document.referrer.includes("/login/");
const hasErrors = (form) => form.querySelector(".err, .msg.bad");

const attach = (form) => {
  form.dataset.clean = textOf(form);
  const draft = drafts.read(nameOf(form));
  if (!draft || hasErrors(form) || JSON.stringify(draft.values) === textOf(form)) return;
  const wasSaved = draft.isSent && !cameBack() && !cameFromSignIn();
  if (wasSaved || Date.now() - draft.at > fortnight) drafts.remove(nameOf(form));
  else restore(form, draft);
};

const keep = ({ target }) => {
  const form = target.form ?? target.closest?.("form");
  if (!form?.dataset.keep || !form.dataset.clean) return;
  if (textOf(form) === form.dataset.clean) drafts.remove(nameOf(form));
  else drafts.set(nameOf(form), JSON.stringify({ values: valuesOf(form), version: versionOf(form), at: Date.now() }));
};
for (const kind of ["input", "change"]) document.addEventListener(kind, keep);
const asksOnly = (button) => ["more", "look", "take"].includes(button?.name); // for a row, saves nothing
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, triggeringEvent } = detail.requestConfig ?? {};
  if (!elt?.dataset?.keep || !isSaved(detail) || asksOnly(triggeringEvent?.submitter)) return;
  drafts.remove(nameOf(elt));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.dataset.keep) return;
  const draft = drafts.read(nameOf(form));
  if (draft && !asksOnly(event.submitter)) drafts.set(nameOf(form), JSON.stringify({ ...draft, isSent: true }));
});

for (const form of document.querySelectorAll("form[data-keep]")) attach(form);
