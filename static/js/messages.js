// Closes a message; the focus goes back to the page.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-dismiss]");
  if (!button) return;
  button.closest(".msg").remove();
  document.getElementById("main")?.focus({ preventScroll: true });
});
