// The token that every write sends. Signing in again changes it, so old pages renew theirs.
export const token = () => document.body.dataset.token ?? "";

// Loads this page again. Returns `false` if the person has to sign in first.
export const renewToken = async () => {
  const answer = await fetch(location.href, { headers: { "HX-Request": "false" } });
  if (new URL(answer.url).pathname.startsWith("/account/login/")) return false;
  // Somebody else may be signed in now, and what one person typed must never be sent as another.
  const text = await answer.text();
  const [, person, fresh] = text.match(/<body data-user="(\d*)" data-token="(\w+)"/) ?? [];
  if (!fresh || person !== document.body.dataset.user) return false;
  document.body.dataset.token = fresh;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    field.value = token();
  }
  return true;
};

export const signInAt = () => `/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
