/** Where to go after a login: a path of this site, whatever was asked. Browsers read "//host" and "/\host" as another site. */
export function safePath(then: unknown): string {
  if (typeof then !== "string" || !then.startsWith("/")) return "/";
  const url = URL.parse(then, "http://this-site");
  if (url?.origin !== "http://this-site") return "/";
  const path = url.pathname + url.search;
  return path.startsWith("//") || url.pathname === "/login" ? "/" : path;
}
