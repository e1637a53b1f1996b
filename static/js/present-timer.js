// The timer of a discussion: so many minutes for all sections, and a suggested share for the one that is
// shown. It says when time is over and stops nothing. It survives a reload of the page.
import { kept } from "./storage.js";

const slides = document.querySelector(".slides");
const timer = document.querySelector(".timer");
const all = Number(timer.dataset.minutes) * 60;
const shares = [...slides.querySelectorAll(":scope > section")].map((section) => Number(section.dataset.share) * 60);
const [button, left, part, announced] = ["run", "left", "part", "announced"].map((name) => timer.querySelector(`[data-${name}]`));
const storage = kept("sessionStorage");
const key = `floe:timer:${location.pathname}`;
const stored = storage.read(key);

// Seconds of each section until the last change, and since when (by the clock) the timer runs.
const spent = shares.map((_, at) => Number(stored?.spent?.[at]) || 0);
let since = Number(stored?.since) || null;
let at = 0;
let isKnown = false; // whether a section has been shown yet
const lasted = () => (since ? Math.max(0, (Date.now() - since) / 1000) : 0);
const sum = () => spent.reduce((total, seconds) => total + seconds, 0) + lasted();
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const write = () => storage.set(key, JSON.stringify({ spent, since }));

const settle = () => {
  spent[at] += lasted();
  if (since) since = Date.now();
  write();
};

const announce = (sentence) => {
  if (announced.textContent !== sentence) announced.textContent = sentence;
};
const draw = () => {
  const [total, here] = [sum(), spent[at] + lasted()];
  const [rest, own] = [all - total, shares[at] - here];
  left.textContent = rest >= 0 ? clock(Math.ceil(rest)) : clock(-rest);
  left.nextSibling.textContent = rest >= 0 ? " left" : " over";
  part.textContent = own >= 0 ? `this part ${clock(here)} of ${clock(shares[at])}` : `this part is ${clock(-own)} over`;
  timer.classList.toggle("late", rest < 0);
  part.classList.toggle("late", own < 0);
  button.textContent = since ? "Pause" : total ? "Go on" : "Start the timer";
  if (rest < 0) announce(`The ${timer.dataset.minutes} minutes are over.`);
  else if (rest <= 300 && total) announce("Five minutes are left.");
  else announce("");
};

const toggle = () => {
  settle();
  since = since ? null : Date.now();
  write();
  draw();
};

slides.addEventListener("floe:section", ({ detail }) => {
  if (isKnown) settle();
  isKnown = true;
  at = detail;
  draw();
});
button.addEventListener("click", toggle);
document.addEventListener("keydown", (event) => {
  if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey) return;
  toggle();
});
timer.hidden = false;
at = Math.max(0, [...slides.querySelectorAll(":scope > section")].findIndex((section) => section.classList.contains("now")));
isKnown = true;
draw();
setInterval(draw, 500);
