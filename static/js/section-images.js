// Images in the texts of a post-mortem: pasted, dropped or chosen, they are sent at once, and a short
// reference is put where the caret was. What could not be sent stays on this page until it is.
import { movedIn } from "./caret.js";
import { notice } from "./notice.js";
import { renewToken, signInAt, token } from "./token.js";

const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const REFERENCE = /!\[([^[\]\n]{0,300})\]\(image:(\d{1,18})\)/g;
const LOST = "The server cannot be reached, so this image is not uploaded yet. It stays on this page.";
const SIGNED_OUT = "You were signed out, so this image is not uploaded yet. Sign in again with the same account.";

let form = null;
let waiting = []; // images that are not on the server: {postMortem, name (of the section), file, mark, …}

export const areImagesWaiting = () => waiting.some((one) => one.postMortem === form?.dataset.coediting && !one.isRefused);
const fieldOf = (name) => form?.querySelector(`textarea[data-section="${name}"]`);
const placeOf = (field) => field.closest("section").querySelector("[data-images-of]");
const megabytes = (size) => (size / 1048576).toFixed(size < 10485760 ? 1 : 0);

// The images that a text shows, below it. The browser keeps those that it has.
export const drawImages = (field) => {
  const place = placeOf(field);
  const wanted = new Map([...field.value.matchAll(REFERENCE)].map(([, said, number]) => [number, said]));
  for (const shown of place.querySelectorAll("[data-image]")) {
    if (wanted.has(shown.dataset.image)) shown.firstChild.alt = wanted.get(shown.dataset.image);
    else shown.remove();
  }
  for (const [number, said] of wanted) {
    if (place.querySelector(`[data-image="${number}"]`)) continue;
    const link = Object.assign(document.createElement("a"), { href: new URL(`../${number}/`, addressOf()).href, target: "_blank" });
    link.dataset.image = number;
    const image = Object.assign(document.createElement("img"), { alt: said });
    image.addEventListener("error", () => link.replaceChildren(`Image ${number} is not part of this post-mortem.`));
    image.src = link.href;
    link.append(image);
    place.append(link);
  }
};
const addressOf = () => new URL(form.dataset.images, location.href);

const insert = (one, reference) => {
  const field = fieldOf(one.name);
  const isUntouched = field.value === one.mark.text && document.activeElement === field;
  const at = movedIn(one.mark.text, field.value)(one.mark.at);
  const [before, after] = [field.value.slice(0, at), field.value.slice(at)];
  const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const rest = !after || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  field.setRangeText(lead + reference + rest, at, at, "preserve");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const said = at + lead.length + 2; // behind "!["
  if (isUntouched) field.setSelectionRange(said, said + reference.indexOf("]") - 2);
};

// What is said of an image that is not in the text yet.
const draw = (one, sentence, actions = []) => {
  const field = one.postMortem === form?.dataset.coediting && fieldOf(one.name);
  if (!field) return;
  one.said = [sentence, actions];
  const box = notice(actions.length ? "warn" : "info", sentence, actions);
  box.setAttribute("role", actions.length ? "alert" : "status");
  if (one.preview) box.prepend(Object.assign(document.createElement("img"), { src: one.preview, alt: one.file.name }));
  if (one.box?.isConnected) one.box.replaceWith(box);
  else placeOf(field).before(box);
  one.box = box;
};
const discard = (one) => {
  waiting = waiting.filter((other) => other !== one);
  one.box?.remove();
};
const failed = (one, sentence, more = []) => {
  one.isAway = true;
  draw(one, sentence, [["Try again", () => send(one)], ...more, ["Discard the image", () => discard(one)]]);
};

const send = async (one) => {
  one.isAway = one.isRefused = false;
  draw(one, `Uploading ${one.file.name} …`);
  let answer;
  try {
    const body = new FormData();
    body.set("image", one.file);
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    answer = await fetch(one.url, { method: "POST", body, headers, signal: AbortSignal.timeout(60_000) });
  } catch {
    return failed(one, LOST);
  }
  if (new URL(answer.url).pathname.startsWith("/account/login/") || answer.headers.get("X-Stale-Token")) {
    if (!one.isRenewed && (await renewToken().catch(() => false))) {
      one.isRenewed = true;
      return send(one);
    }
    return failed(one, SIGNED_OUT, [["Sign in", () => window.open(signInAt(), "_blank")]]);
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return arrived(one, said);
  one.isRefused = answer.status < 500;
  if (said?.detail) return failed(one, said.detail);
  return failed(one, answer.status >= 500 ? LOST : `The server refused this (${answer.status}).`);
};

const arrived = (one, { reference, hint }) => {
  if (one.postMortem !== form?.dataset.coediting || !form.isConnected) {
    one.reference = reference; // its page is gone; it is put in when somebody comes back to it
    return;
  }
  discard(one);
  insert(one, reference);
  if (hint) placeOf(fieldOf(one.name)).before(notice("info", hint));
};

const take = (field, files) => {
  const most = Number(form.dataset.mostBytes);
  for (const file of files) {
    const one = {
      file, name: field.dataset.section, postMortem: form.dataset.coediting, url: addressOf(),
      mark: { text: field.value, at: field.selectionEnd },
    };
    waiting.push(one);
    const drop = [["Discard the image", () => discard(one)]];
    one.isRefused = !TYPES.includes(file.type) || file.size > most;
    if (!TYPES.includes(file.type)) {
      draw(one, `“${file.name}” is not an image that Floe takes. Save it as PNG, JPEG, WebP or GIF.`, drop);
    } else if (file.size > most) {
      draw(one, `“${file.name}” has ${megabytes(file.size)} MB; images up to ${megabytes(most)} MB are taken. Make it smaller, or save it as JPEG.`, drop);
    } else {
      const reader = new FileReader();
      reader.addEventListener("load", () => {
        one.preview = reader.result;
        if (waiting.includes(one) && one.said) draw(one, ...one.said);
      });
      reader.readAsDataURL(file);
      send(one);
    }
  }
};

// A table copied from a spreadsheet comes as text and as an image: then the text is meant.
const pasted = (event) => {
  const files = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text/plain");
  if (!files.length || (text && !files.some((file) => file.name === text))) return;
  event.preventDefault();
  take(event.currentTarget, files);
};
const choose = (field) => {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: TYPES.join(), multiple: true });
  input.addEventListener("change", () => {
    field.focus();
    take(field, input.files);
  });
  input.click();
};
const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
const fieldAt = (event) => event.target.closest?.("form[data-images] section")?.querySelector("textarea[data-section]");

export const attachImages = (found) => {
  form = found;
  for (const field of form.querySelectorAll("textarea[data-section]")) {
    drawImages(field);
    field.addEventListener("paste", pasted);
    const button = field.closest("section").querySelector("[data-add-image]");
    button.hidden = false;
    button.addEventListener("click", () => choose(field));
  }
  for (const one of [...waiting]) {
    if (one.postMortem !== form.dataset.coediting) continue;
    if (one.reference) arrived(one, { reference: one.reference });
    else if (one.said) draw(one, ...one.said);
  }
};

document.addEventListener("dragover", (event) => {
  if (!form?.isConnected || !holdsFile(event)) return;
  event.preventDefault(); // a file that misses the texts must not replace the page
  fieldAt(event)?.classList.add("over");
});
document.addEventListener("dragleave", (event) => fieldAt(event)?.classList.remove("over"));
document.addEventListener("drop", (event) => {
  if (!form?.isConnected || !holdsFile(event)) return;
  event.preventDefault();
  const field = fieldAt(event);
  if (!field) return;
  field.classList.remove("over");
  field.focus();
  take(field, event.dataTransfer.files);
});
// Whatever else is sent loads the page again, and publishing would leave out what is not in the text yet.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, verb } = event.detail;
  if (!form?.isConnected || verb === "get" || !elt.matches("form") || !areImagesWaiting()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const one = waiting.find((other) => other.postMortem === form.dataset.coediting && !other.isRefused);
  one.box.scrollIntoView({ block: "center" });
  one.box.querySelector("button")?.focus();
});
window.addEventListener("online", () => waiting.filter((one) => one.isAway).forEach(send));
