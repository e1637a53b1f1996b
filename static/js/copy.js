// A button that copies what stands in fields; `data-copy` is their selector.
const lineOf = (field) => (field.dataset.line ? `${field.dataset.line} ${field.value}` : field.value);

// Where the page is not served by https, the browser offers no clipboard: a selection is copied.
const copySelected = (text) => {
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.className = "sr";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
};

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
};

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("button[data-copy]");
  if (!button) return;
  const fields = [...document.querySelectorAll(button.dataset.copy)];
  const text = fields.length === 1 ? fields[0].value : fields.map(lineOf).join("\n");
  const isCopied = await copy(text);
  button.focus();
  const status = document.querySelector("[data-copied]");
  if (status) status.textContent = isCopied ? `Copied: ${button.dataset.what}.` : "The browser refused to copy. Select the link and copy it.";
});
