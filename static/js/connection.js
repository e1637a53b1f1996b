// A request that got no answer says so and can be sent again; nothing typed is touched.
import { notice } from "./notice.js";

const region = () => document.getElementById("connection");
const clear = () => region()?.replaceChildren();

const say = (sentence, again) => {
  const actions = again ? [["Try again", () => { clear(); again(); }]] : [];
  region()?.replaceChildren(notice("warn", sentence, actions));
};

// Sends what failed once more, the way a person would.
const again = ({ elt, requestConfig }) => () => {
  if (!elt.isConnected) return location.reload();
  if (elt.matches("form")) return elt.requestSubmit();
  const type = requestConfig?.triggeringEvent?.type ?? "click";
  if (type === "click") return elt.click();
  return window.htmx.trigger(elt, type);
};

document.addEventListener("htmx:sendError", ({ detail }) => {
  say("The server cannot be reached. What you typed is still here.", again(detail));
});
document.addEventListener("htmx:timeout", ({ detail }) => {
  say("The server took too long to answer. What you typed is still here.", again(detail));
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  const sentence =
    detail.xhr.status >= 500
      ? "Something went wrong on our side. What you typed is still here."
      : `The server refused this (${detail.xhr.status}). What you typed is still here.`;
  say(sentence, again(detail));
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) clear();
});

window.addEventListener("online", clear);
window.addEventListener("offline", () => {
  say("You are offline. What you typed is kept; send it when you are back.");
});

// A plain form that would lead to the browser's own error page, and away from what was typed.
document.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const form = event.target;
    const submitter = event.submitter;
    say("You are offline, so nothing was sent. What you typed is still here.", () =>
      form.requestSubmit(submitter),
    );
  },
  true,
);
