// A page section by section (the quarter report, a post-mortem): arrow keys and buttons go through it, Escape leaves.
// Without this module it is one long page.
const slides = document.querySelector(".slides");
const sections = [...slides.querySelectorAll("section")];
const place = document.querySelector("[data-place]");
const buttons = [...document.querySelectorAll("[data-step]")];
let at = Math.min(Math.max(Number(location.hash.slice(2)) || 1, 1), sections.length) - 1;

const show = (wanted, { focus = true } = {}) => {
  at = Math.min(Math.max(wanted, 0), sections.length - 1);
  for (const [number, section] of sections.entries()) section.classList.toggle("now", number === at);
  place.textContent = `${at + 1} of ${sections.length}`;
  for (const button of buttons) {
    const isEnd = Number(button.dataset.step) < 0 ? at === 0 : at === sections.length - 1;
    button.setAttribute("aria-disabled", String(isEnd));
  }
  slides.dispatchEvent(new CustomEvent("floe:section", { detail: at }));
  history.replaceState(history.state, "", `#s${at + 1}`);
  scrollTo(0, 0);
  if (focus) sections[at].focus({ preventScroll: true });
};

const STEPS = {
  ArrowRight: () => at + 1,
  ArrowLeft: () => at - 1,
  PageDown: () => at + 1,
  PageUp: () => at - 1,
  Home: () => 0,
  End: () => sections.length - 1,
};
// Up and down scroll a section that is longer than the screen, and go on at its ends.
const isAtEnd = () => scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
const LONG = {
  ArrowDown: () => (isAtEnd() ? at + 1 : null),
  ArrowUp: () => (scrollY <= 0 ? at - 1 : null),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key === "Escape") return document.querySelector("[data-leave]").click();
  const wanted = (STEPS[event.key] ?? LONG[event.key])?.();
  if (wanted == null) return;
  event.preventDefault();
  show(wanted);
});
for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => show(at + Number(button.dataset.step), { focus: false }));
}
place.hidden = false;
slides.classList.add("one");
show(at, { focus: false });
