// Loads the form of a step into the dialog and opens it. Without script it is a page.
export const openBulk = async (url) => {
  const dialog = document.getElementById("bulk");
  await htmx.ajax("GET", url, { target: "#bulk-form", swap: "outerHTML" });
  const form = dialog.querySelector("form#bulk-form");
  if (!form) return; // refused: the reason stands in the messages
  dialog.querySelector("h2").textContent = form.dataset.title;
  if (!dialog.open) dialog.showModal();
  form.querySelector("input:not([type=hidden]), textarea, select, button")?.focus();
};
