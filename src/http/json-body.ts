import express, { type RequestHandler } from "express";
import type { PostedFile } from "./endpoint.ts";
import { sendProblem } from "./problem.ts";

/**
 * A small JSON body. One that says it is something else is refused as that: unread, it would be answered as if nothing had been
 * sent, and whoever forgot the header would look for the mistake in the body.
 */
export function jsonBody(): RequestHandler {
  const read = express.json({ limit: "8kb" });
  return (req, res, next) => {
    // null: there is no body.
    if (req.is("json") === false) return sendProblem(res, notJson);
    return read(req, res, next);
  };
}

/** A file as it is, without a word changed; of another type it is refused before it is read. */
export function fileBody({ media, most, what }: PostedFile): RequestHandler {
  const read = express.text({ type: media, limit: most, defaultCharset: "utf-8" });
  const detail = `Post ${what} itself, with the header content-type: ${media}.`;
  return (req, res, next) => {
    if (!req.is(media)) return sendProblem(res, { status: 415, kind: "unsupported-media-type", detail });
    return read(req, res, next);
  };
}

const notJson = {
  status: 415,
  kind: "unsupported-media-type",
  detail: "Send the body as JSON, with the header content-type: application/json.",
};
