// A known metric fills its kind and direction into the row of the plan, and offers the values from
// decided experiments.
const optionOf = (name) =>
  [...document.getElementById("metrics-known").options].find(
    (option) => option.value.toLowerCase() === name.trim().toLowerCase(),
  );

const show = (row, { now = "", sd = "", shown = "", source = "" }) => {
  const offer = row.querySelector("[data-offer]");
  const button = offer.querySelector("[data-take]");
  offer.hidden = !now;
  Object.assign(button.dataset, { now, sd });
  button.querySelector("b").textContent = shown;
  offer.querySelector("span").textContent = source;
};

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.('[list="metrics-known"]')) return;
  const row = target.closest("[data-item]");
  const known = optionOf(target.value);
  show(row, known?.dataset ?? {});
  row.querySelector('[name$="-margin"]').placeholder = known?.dataset.margin ?? "";
  if (!known) return;
  row.querySelector('[name$="-kind"]').value = known.dataset.kind;
  row.querySelector('[name$="-direction"]').value = known.dataset.direction;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take]");
  if (!button) return;
  event.preventDefault(); // without a script the button asks the server to fill it in
  const row = button.closest("[data-item]");
  row.querySelector('[name$="-baseline"]').value = button.dataset.now;
  if (button.dataset.sd) row.querySelector('[name$="-baseline_sd"]').value = button.dataset.sd;
  row.querySelector('[name$="-baseline"]').dispatchEvent(new Event("change", { bubbles: true }));
});
