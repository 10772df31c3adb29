import { isUtf8 } from "node:buffer";
import express, { type RequestHandler } from "express";
import type { PostedFile } from "./endpoint.ts";
import { type Problem, sendProblem } from "./problem.ts";

/**
 * A small JSON body. One that says it is something else is refused as that: unread, it would be answered as if nothing had been
 * sent, and whoever forgot the header would look for the mistake in the body.
 */
export function jsonBody(): RequestHandler {
  const read = express.json({ limit: "8kb", verify });
  return (req, res, next) => {
    // null: there is no body.
    if (req.is("json") === false) return sendProblem(res, notJson);
    return read(req, res, next);
  };
}

/** A file as it is, without a word changed; of another type it is refused before it is read. */
export function fileBody({ media, most, what }: PostedFile): RequestHandler {
  const read = express.text({ type: media, limit: most, defaultCharset: "utf-8", verify });
  const detail = `Post ${what} itself, with the header content-type: ${media}.`;
  return (req, res, next) => {
    if (!req.is(media)) return sendProblem(res, { status: 415, kind: "unsupported-media-type", detail });
    return read(req, res, next);
  };
}

/** Decoded, what is no UTF-8 would be another text than was sent. Throws what problemOf answers with 400, or 415. */
function verify(_req: unknown, _res: unknown, bytes: Buffer, charset: string): void {
  if (charset !== "utf-8") throw Object.assign(new Error(`a body in ${charset}`), { status: 415 });
  if (!isUtf8(bytes)) throw Object.assign(new Error("a body that is not UTF-8"), { status: 400 });
}

const notJson: Problem = {
  status: 415,
  kind: "unsupported-media-type",
  detail: "Send the body as JSON, with the header content-type: application/json.",
};
