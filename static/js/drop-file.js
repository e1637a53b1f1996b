// A file dropped onto a form with data-drop is sent as if it had been chosen. Nothing counts yet.
const formAt = (event) => event.target.closest?.("[data-drop]");
const holdsFile = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!holdsFile(event)) return;
  event.preventDefault(); // a file that misses the form must not replace the page
  formAt(event)?.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  const form = formAt(event);
  if (form && !form.contains(event.relatedTarget)) form.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  if (!holdsFile(event)) return;
  event.preventDefault();
  const form = formAt(event);
  if (!form) return;
  form.classList.remove("over");
  form.querySelector("input[type=file]").files = event.dataTransfer.files;
  form.requestSubmit();
});
