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

/** Where a login leads to: a path of this site, and never another one. Browsers read "//host" and "/\\host" as another. */
export function safePath(then: string | null): string {
  return then !== null && /^\/(?![/\\])/.test(then) && !/^\/login\b/.test(then) ? then : "/";
}
