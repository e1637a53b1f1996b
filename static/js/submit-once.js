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
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { elt, requestConfig } = detail;
  if (elt.matches("form") && requestConfig.verb !== "get") hold(elt);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (busy.has(detail.elt)) release(detail.elt);
});
// After the back button the browser may show the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) release(form);
});
