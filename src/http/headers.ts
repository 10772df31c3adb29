import type { RequestHandler } from "express";
import helmet from "helmet";

/** guarantees.md section 7, admin surface. Nothing of ours is framed, sniffed, cached or told to other sites. */
const strict = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/** Bull Board sets a base element and styles in place. Its web font from another site stays refused. */
const forBullBoard = { ...strict, baseUri: ["'self'"], styleSrc: ["'self'", "'unsafe-inline'"] };

export const strictHeaders = headers(strict);
export const bullBoardHeaders = headers(forBullBoard);

function headers(directives: Record<string, string[]>): RequestHandler {
  const secure = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: false,
  });
  return (req, res, next) => {
    res.setHeader("cache-control", "no-store");
    // Two years. Over plain http browsers ignore it, and whoever has no TLS yet must not be told to stay away.
    if (req.secure) res.setHeader("strict-transport-security", "max-age=63072000");
    secure(req, res, next);
  };
}
