// A metric that is known already brings its kind and direction into the row of the plan.
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.('[list="metrics-known"]')) return;
  const name = target.value.trim().toLowerCase();
  const options = [...document.getElementById("metrics-known").options];
  const known = options.find((option) => option.value.toLowerCase() === name);
  if (!known) return;
  const row = target.closest("[data-item]");
  row.querySelector('[name$="-kind"]').value = known.dataset.kind;
  row.querySelector('[name$="-direction"]').value = known.dataset.direction;
});
