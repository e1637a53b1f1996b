// The mark of the reader's own controls (backlog/ours.py). Markup that slipped through does not
// have it, and loses everything that htmx would read, before htmx does. Methods come from the
// prototypes: a form's fields may bear their names.
const { getAttribute, getAttributeNames, querySelectorAll, removeAttribute } = Element.prototype;
const { querySelector: first, querySelectorAll: all } = Document.prototype;

export const ours = first.call(document, 'meta[name="htmx-config"]').getAttribute("data-ours");
export const isOurs = (element) => getAttribute.call(element, "data-ours") === ours;
export const hasOurToken = (form) =>
  [...querySelectorAll.call(form, "input[name=csrfmiddlewaretoken]")].some(isOurs);

const strip = (element) => {
  if (isOurs(element)) return;
  for (const name of getAttributeNames.call(element)) {
    if (/^(data-)?hx-(?!disable$)/.test(name)) removeAttribute.call(element, name);
  }
};
export const clean = (root) => [root, ...querySelectorAll.call(root, "*")].forEach(strip);

// Later content is checked as soon as it is inserted, and a part that htmx brings before htmx reads it.
const check = (changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node instanceof Element) clean(node);
  }
};
const watch = new MutationObserver(check);
watch.observe(document, { childList: true, subtree: true });
document.addEventListener("htmx:afterSwap", () => check(watch.takeRecords()));
for (const element of all.call(document, "*")) strip(element);

// A part that replaces a different element than the requested one.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { fragment } = detail;
  const part = fragment instanceof Element ? fragment : fragment.firstElementChild;
  if (!part || !isOurs(part)) detail.shouldSwap = false;
});
