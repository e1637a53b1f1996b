// The token that every write carries. Signing in again changes it, so that of an old page is renewed.
export const token = () => document.body.dataset.token ?? "";

// Looks at this page once more: `false` where one would have to sign in first.
export const renewToken = async () => {
  const answer = await fetch(location.href, { headers: { "HX-Request": "false" } });
  if (new URL(answer.url).pathname.startsWith("/account/login/")) return false;
  // Whoever is signed in now may be somebody else: what one typed never goes out in another's name.
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
