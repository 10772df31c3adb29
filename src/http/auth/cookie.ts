import type { Request, Response } from "express";

/**
 * What the browser keeps of a session: 256 random bits, never a token. Over https with the prefix that browsers let no other host
 * and no plain page set; without it on plain http, where they would refuse it.
 */
const nameFor = (req: Request): string => (req.secure ? "__Host-tourniquet" : "tourniquet");

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Undefined: there is none, or it is none of ours. */
export function readCookie(req: Request): string | undefined {
  const start = `${nameFor(req)}=`;
  const pairs = (req.headers.cookie ?? "").split(";").map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
  return value !== undefined && SECRET.test(value) ? value : undefined;
}

/** Without an age: it ends with the browser, and in Redis before that. */
export function setCookie(res: Response, secret: string): void {
  res.cookie(nameFor(res.req), secret, attributes(res.req));
}

export function clearCookie(res: Response): void {
  res.clearCookie(nameFor(res.req), attributes(res.req));
}

const attributes = (req: Request) => ({ httpOnly: true, sameSite: "strict", secure: req.secure, path: "/" }) as const;
