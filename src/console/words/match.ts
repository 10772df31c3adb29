/** What `:name` stands for in a path of that pattern; null where the path is not of it. "/incidents/:id" fits "/incidents/inc-1". */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = parts(pattern);
  const given = parts(path);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.startsWith(":")) {
      const text = decoded(value);
      if (text === null) return null;
      params[part.slice(1)] = text;
    } else if (part !== value) return null;
  }
  return params;
}

const parts = (path: string): string[] => path.split("/").filter((part) => part !== "");

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // a lone % in an address that somebody typed
  }
}

const HERE = "http://this-site";

/** Where a login leads to: a path of this site, and never another one, however it is written: as browsers read it ("//host", "/\\host", a tab between). */
export function safePath(then: string | null): string {
  if (then === null || !then.startsWith("/") || /[\p{Cc}\\]/u.test(then)) return "/";
  const url = URL.parse(then, HERE);
  if (url?.origin !== HERE || url.pathname.startsWith("//") || /^\/login\b/.test(url.pathname)) return "/";
  return url.pathname + url.search;
}
