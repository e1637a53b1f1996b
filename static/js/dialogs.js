// data-open="id" opens <dialog id>, data-close closes it. Without script the link's href works.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    const around = opener.closest("dialog");
    if (around !== dialog) around?.close();
    if (!dialog.open) dialog.showModal();
    return;
  }
  const closing = event.target.closest("[data-close]")?.closest("dialog");
  if (closing) {
    event.preventDefault(); // a link that closes leads on only where there is no dialog
    closing.close();
  } else if (event.target instanceof HTMLDialogElement) {
    // The backdrop: only the dialog itself is under the pointer, none of its content.
    const box = event.target.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    const isInside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    if (!isInside) event.target.close();
  }
});

// A dialog that came back with errors stays open; one in a page loaded with its #id opens.
const wanted = location.hash && document.getElementById(location.hash.slice(1));
if (wanted instanceof HTMLDialogElement) wanted.showModal();
