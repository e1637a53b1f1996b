// Where a place of a text is after the text changed from `before` to `after`: it stays at its word.
export const movedIn = (before, after) => {
  let [head, tail] = [0, 0];
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return (at) => (at <= head ? at : at >= before.length - tail ? at + after.length - before.length : Math.min(at, after.length - tail));
};
