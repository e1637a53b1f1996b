// Comments on the texts of a post-mortem: those of others come in beside an answer that is being typed.
const openIn = (root, name) => [...root.querySelectorAll(`[data-talk-of="${name}"] [data-thread]:not(.resolved)`)].length;

const count = (threads) => {
  for (const link of document.querySelectorAll("[data-comment-on]")) {
    const number = openIn(threads, link.dataset.commentOn);
    link.firstChild.textContent = number ? `${number} open comment${number === 1 ? "" : "s"}` : "Comment";
  }
  const open = threads.querySelectorAll("[data-thread]:not(.resolved)").length;
  for (const place of document.querySelectorAll("[data-n-open]")) place.textContent = open;
};

// A thread in which somebody types keeps its form; its posts and its state are taken from the new one.
export const takeTalk = (html) => {
  const threads = document.getElementById("threads");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("threads");
  if (!threads || !fresh) return;
  for (const box of fresh.querySelectorAll("[data-thread]")) {
    const known = threads.querySelector(`[data-thread="${box.dataset.thread}"]`);
    const answer = known?.querySelector("textarea");
    if (!answer || !(answer.value.trim() || answer === document.activeElement)) continue;
    for (const name of ["[data-posts]", "[data-resolve]"]) {
      const part = box.querySelector(name);
      if (part) known.querySelector(name)?.replaceWith(part);
    }
    known.className = box.className;
    box.replaceWith(known); // moved with what is typed in it
  }
  const { activeElement } = document;
  threads.replaceChildren(...fresh.childNodes);
  if (activeElement?.isConnected) activeElement.focus();
  window.htmx.trigger(threads, "htmx:load"); // its forms are sent as all others are
  count(threads);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-comment-on]");
  const form = link && document.getElementById("comment-new");
  if (!form) return;
  event.preventDefault();
  form.elements.namedItem("section").value = link.dataset.commentOn;
  form.scrollIntoView({ block: "center" });
  form.elements.namedItem("text").focus({ preventScroll: true });
});
