import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import type { Problem } from "../problem.ts";

export const isChange = ({ method }: Request): boolean => method !== "GET" && method !== "HEAD" && method !== "OPTIONS";

/** What a page of ours sends with each change as x-csrf-token; made of the session's secret, which no page can read. */
export function csrfTokenOf(secret: string): string {
  return createHmac("sha256", secret).update("csrf").digest("base64url");
}

/** A page of another site made the browser ask. What sends neither header is no browser. */
export function isForeign(req: Request, publicUrl: string | undefined): boolean {
  const site = req.headers["sec-fetch-site"];
  const { origin } = req.headers;
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && !isOurs(origin, req, publicUrl);
}

/** Why a change with a session is not taken; undefined: it comes from a page of ours (guarantees.md section 7). */
export function csrfProblem(req: Request, secret: string, publicUrl: string | undefined): Problem | undefined {
  const { origin } = req.headers;
  if (origin === undefined || !isOurs(origin, req, publicUrl))
    return refused(
      "Origin must be this site's. Behind a proxy that changes Host, set PUBLIC_URL to the address in the browser",
    );
  if (req.headers["sec-fetch-site"] !== "same-origin")
    return refused(
      "Sec-Fetch-Site must be same-origin; browsers send it over https and to localhost only, so serve the console over https",
    );
  const said = req.headers["x-csrf-token"];
  if (typeof said !== "string" || !timingSafeEqual(digest(said), digest(csrfTokenOf(secret))))
    return refused("x-csrf-token must be the csrfToken that GET /api/session gives");
  return undefined;
}

/** By host alone: the scheme the browser used is not known behind a proxy that is not trusted, and Sec-Fetch-Site looks at it. */
function isOurs(origin: string, req: Request, publicUrl: string | undefined): boolean {
  const host = URL.parse(origin)?.host;
  return host !== undefined && (host === req.headers.host || host === (publicUrl && URL.parse(publicUrl)?.host));
}

const refused = (detail: string): Problem => ({
  status: 403,
  kind: "cross-site",
  detail: `Changes with a login are taken from this site's own pages only: ${detail}.`,
});

const digest = (text: string): Buffer => hash("sha256", text, "buffer");
