// Two quick clicks submit once: a form that is being sent blocks a second submit.
const busy = new WeakSet();
const isPost = (form) => form.method === "post" || form.matches("[hx-post],[hx-put],[hx-delete]");
const buttons = (form) => form.querySelectorAll("button:not([type=button]), input[type=submit]");

const hold = (form) => {
  busy.add(form);
  form.setAttribute("aria-busy", "true");
  for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
};

const release = (form) => {
  busy.delete(form);
  form.removeAttribute("aria-busy");
  for (const button of buttons(form)) button.removeAttribute("aria-disabled");
};

// This runs before anything else, htmx included.
document.addEventListener(
  "submit",
  (event) => {
    if (!busy.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!event.defaultPrevented && isPost(form) && form.target !== "_blank") hold(form);
});
// A button that sends by itself holds its form.
const formOf = (elt) => (elt.matches("button[hx-post]") ? elt.form : elt);
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const form = formOf(elt);
  if (!form?.matches("form") || requestConfig.verb === "get") return;
  if (form !== elt && busy.has(form)) event.preventDefault();
  else hold(form);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = formOf(detail.elt);
  if (busy.has(form)) release(form);
});
// After the back button the browser may show the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) release(form);
});
