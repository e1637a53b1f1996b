// Repeats a smallest effect as what it leads to, 4.0 % → 4.5 %, while it is typed.
const numberIn = (row, name) => {
  const text = row.querySelector(`[name$="-${name}"]`).value.replace(/[%\s]/g, "").replace("−", "-");
  return text ? Number(text.includes(".") ? text : text.replace(",", ".")) : Number.NaN;
};
const valueOf = (row, name) => row.querySelector(`[name$="-${name}"]`).value;

// As experiments/plan/sizing.py has it: 0.75 shows two decimals.
const decimalsOf = (change) => {
  const shows = (n) => Math.abs(Number(change.toFixed(n)) - change) <= 0.02 * Math.abs(change);
  return [1, 2, 3, 4, 5].find(shows) ?? 6;
};

const echo = (row) => {
  const isShare = valueOf(row, "kind") === "proportion";
  const [baseline, typed] = [numberIn(row, "baseline"), numberIn(row, "smallest_effect")];
  const change = valueOf(row, "effect_in") === "points" ? typed : (baseline * typed) / 100;
  if (!Number.isFinite(baseline) || !Number.isFinite(change)) return "";
  const digits = decimalsOf(change);
  const unit = isShare ? "\u00a0%" : "";
  const [before, after] = [baseline, baseline + change].map(
    (value) => value.toFixed(digits).replace("-", "−") + unit,
  );
  return `${before} → ${after}`;
};

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    const row = target.closest?.("[data-item]");
    const place = row?.querySelector("[data-echo]");
    if (place) place.textContent = echo(row);
  });
}
