// A message in the style of the page, built from elements and never from strings of HTML.
const drawings = {
  warn: ["m12 4 9.2 16H2.8z", "M12 10v4M12 17h.01"],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z", "M12 11v5M12 8h.01"],
};

const icon = (kind) => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of drawings[kind]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};

// `actions` are [label, function] pairs; each becomes a button.
export const notice = (kind, sentence, actions = []) => {
  const box = document.createElement("div");
  box.className = kind === "warn" ? "msg warn" : "msg";
  const text = document.createElement("span");
  text.textContent = sentence;
  const buttons = document.createElement("span");
  buttons.className = "row";
  for (const [label, act] of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.textContent = label;
    button.addEventListener("click", act);
    buttons.append(button);
  }
  box.append(icon(kind === "warn" ? "warn" : "info"), text, buttons);
  return box;
};
