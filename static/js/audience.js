// The size after each rule, while typing. The server shows the same once it is saved.
const figure = (text) => {
  const digits = text.replace(/[\s.,’']/g, "");
  return /^\d+$/.test(digits) ? Number(digits) : null;
};

const count = (part) => {
  const { audience_size: planned, size } = part.closest("form").elements;
  let left = figure((planned ?? size)?.value ?? "");
  for (const row of part.querySelectorAll("[data-item]:not([hidden])")) {
    const cost = figure(row.querySelector('[name$="-cost"]').value);
    left = left === null || cost === null ? null : Math.max(0, left - cost);
    row.querySelector("[data-left]").textContent =
      left === null ? "" : `leaves ${left.toLocaleString(document.documentElement.lang)}`;
  }
};

const parts = document.querySelectorAll("[data-audience]");
for (const part of parts) {
  count(part);
  part.closest("form").addEventListener("input", () => count(part));
  part.closest("form").addEventListener("change", () => count(part));
}
