// The token that every write carries. Signing in again changes it, so that of an old page is renewed.
const header = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
export const token = () => header()["X-CSRFToken"] ?? "";

// Looks at this page once more: `false` where one would have to sign in first.
export const renewToken = async () => {
  const answer = await fetch(location.href, { headers: { "HX-Request": "false" } });
  if (new URL(answer.url).pathname.startsWith("/account/login/")) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const headers = fresh.body.getAttribute("hx-headers");
  if (!headers) return false;
  document.body.setAttribute("hx-headers", headers);
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    field.value = token();
  }
  return true;
};

export const signInAt = () => `/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
