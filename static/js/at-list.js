// While @ and letters are typed in a field with data-people, the people who may be meant are offered.
const known = new Map(); // address → a promise of names
const load = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).names;
};
// What failed is forgotten, so that the next letter asks again.
const namesAt = (url) => {
  if (!known.has(url)) known.set(url, load(url).catch(() => (known.delete(url), [])));
  return known.get(url);
};
const TYPED = /(?:^|[^\w@.])@([^\s@]{0,40}(?: [^\s@]{0,40})?)$/u;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

let list = null; // the element, with its field and what was typed after the @
const close = () => {
  list?.field.removeAttribute("aria-activedescendant");
  list?.box.remove();
  list = null;
};
const mark = (at) => {
  list.at = (at + list.names.length) % list.names.length;
  [...list.box.children].forEach((one, index) => one.setAttribute("aria-selected", index === list.at));
  list.field.setAttribute("aria-activedescendant", `at-${list.at}`);
};
const choose = () => {
  const { field, typed, names, at, end } = list;
  field.setRangeText(`${names[at]} `, end - typed.length, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
const typedIn = (field) => field.value.slice(0, field.selectionStart).match(TYPED)?.[1];
const show = async (field) => {
  if (typedIn(field) === undefined) return close();
  const every = await namesAt(field.dataset.people);
  const typed = typedIn(field); // meanwhile more may stand there
  if (typed === undefined) return close();
  const names = every.filter((name) => plain(name).split(" ").some((part) => part.startsWith(plain(typed)))
    || plain(name).startsWith(plain(typed))).slice(0, 8);
  close();
  if (!names.length || document.activeElement !== field) return;
  const box = document.createElement("ul");
  Object.assign(box, { className: "pop atlist", role: "listbox", ariaLabel: "People" });
  names.forEach((name, index) => {
    const one = document.createElement("li");
    Object.assign(one, { id: `at-${index}`, role: "option", textContent: name });
    one.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      list.at = index;
      choose();
    });
    box.append(one);
  });
  field.after(box);
  list = { box, field, typed, names, at: 0, end: field.selectionStart };
  mark(0);
};

document.addEventListener("input", ({ target, isComposing }) => {
  if (target.matches("textarea[data-people]") && !isComposing) show(target);
});
// Where the caret has moved away, the list is of something else.
document.addEventListener("selectionchange", () => {
  if (list && list.field.selectionStart !== list.end) close();
});
document.addEventListener("focusout", ({ target }) => {
  if (list?.field === target) close();
});
document.addEventListener("keydown", (event) => {
  if (list?.field !== event.target || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(list.at + step);
  else if (event.key === "Enter" || event.key === "Tab") choose();
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
