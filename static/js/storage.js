// The browser's storage. If it is blocked or full nothing is stored, and everything else still
// works.
const safely = (act, otherwise) => {
  try {
    return act();
  } catch {
    return otherwise;
  }
};

export const kept = (store) => ({
  get: (name) => safely(() => window[store].getItem(name), null),
  read: (name) => safely(() => JSON.parse(window[store].getItem(name)), null),
  set: (name, text) => safely(() => { window[store].setItem(name, text); return true; }, false), // whether it is kept
  remove: (name) => safely(() => window[store].removeItem(name)),
  names: (prefix) => safely(() => Object.keys(window[store]).filter((name) => name.startsWith(prefix)), []),
});
