import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Arrival } from "../detect/admit.ts";
import type { Mistake } from "../detect/events/mistake.ts";
import { describeError } from "../errors.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Log } from "../incident/ports.ts";
import type { SpanOf, Tracing } from "../incident/tracing.ts";
import { type Asking, networkAsking } from "./auth/network.ts";
import { authenticate } from "./authenticity.ts";
import { within } from "./deadline.ts";
import type { FloodGuard, Place } from "./flood-guard.ts";
import { type Problem, sendProblem, storageUnavailable } from "./problem.ts";
import { readRawBody } from "./raw-body.ts";
import {
  compressed,
  invalid,
  MAX_BODY_BYTES,
  malformed,
  tooLarge,
  tooMany,
  unauthentic,
  wrongType,
} from "./refusals.ts";

export interface ReceiverPorts {
  inbox: Pick<Inbox, "quarantine">;
  /** All active; empty refuses everything. */
  webhookSecrets: readonly string[];
  flood: FloodGuard;
  /** Used sparingly: it must stand a flood. */
  log: Log;
  /** Told the status of every answer, for the counters. */
  answered(status: number): void;
  tracing?: Tracing;
}

/** What became of an authentic body: the JSON text to answer 202 with, or what is wrong with it; nothing was stored then. */
export type Taken = { body: string } | { answer: "malformed" | "invalid"; mistakes: readonly Mistake[] };

const QUARANTINED_BYTES = 8_192;
/** A batch can have thousands of mistakes: all go to the sender, so many to the log and the quarantine. */
const MISTAKES_KEPT = 50;
/** Issue of trust: 503 within 2 s, also while Redis is frozen. Its connection gives up after 1.5 s; this is the belt. */
const STORE_WITHIN_MS = 1_800;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * What every address that takes signed events has in common: who sent it, how large, then `take` stores it, then 202. What
 * it does not answer 202 to, it has not promised anything for.
 */
export function createReceiver(
  ports: ReceiverPorts,
  take: (arrival: Pick<Arrival, "rawBody" | "signedId">) => Promise<Taken>,
): (req: Asking, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const address = networkAsking(req);
    const entrance = ports.flood.enter(address, () => cut(ports, req, res));
    if (entrance.answer === "flood") return answer(ports, res, tooMany(entrance.reason, entrance.retryAfterSec));
    const { place } = entrance;
    try {
      const working = () => respond(ports, take, { req, address, place }, res);
      await (ports.tracing ? ports.tracing.span(spanOf(req), working) : working());
    } finally {
      place.leave();
    }
  };
}

interface Delivery {
  req: IncomingMessage;
  /** As limits count it. */
  address: string;
  place: Place;
}

/** Its place went to another: it is told so, and the rest of its body is not waited for. */
function cut(ports: ReceiverPorts, req: IncomingMessage, res: ServerResponse): void {
  res.once("finish", () => req.destroy());
  res.setHeader("connection", "close");
  answer(ports, res, tooMany("the body came too slowly while many others came", 1));
}

async function respond(
  ports: ReceiverPorts,
  take: Parameters<typeof createReceiver>[1],
  delivery: Delivery,
  res: ServerResponse,
): Promise<void> {
  try {
    answer(ports, res, await receive(ports, take, delivery));
  } catch (error) {
    // Whatever went wrong, the event may not be stored: the sender must come again.
    ports.log.error({ ...describeError(error) }, "webhook.not-stored");
    answer(ports, res, storageUnavailable);
  }
  ports.tracing?.note({ "http.response.status_code": res.statusCode });
}

/**
 * A trace begins here. One that the sender is in is linked and not joined: its header is no part of what was signed, and whoever
 * may call us must neither choose our trace ids nor whether we record.
 */
function spanOf({ method, url, headers }: IncomingMessage): SpanOf {
  const route = url?.split("?", 1)[0] ?? "";
  const attributes = { "http.request.method": method, "http.route": route };
  return { name: `${method} ${route}`, kind: "server", link: oneOf(headers.traceparent), attributes };
}

const oneOf = (header: string | string[] | undefined) => (typeof header === "string" ? header : undefined);

async function receive(
  ports: ReceiverPorts,
  take: Parameters<typeof createReceiver>[1],
  { req, address, place }: Delivery,
): Promise<{ body: string } | Problem | "aborted"> {
  if (!JSON_TYPE.test(req.headers["content-type"] ?? "")) return wrongType;
  if ((req.headers["content-encoding"] ?? "identity") !== "identity") return compressed;
  const rawBody = await readRawBody(req, MAX_BODY_BYTES);
  if (rawBody === "aborted") return rawBody;
  if (rawBody === "too-large") return tooLarge;
  place.whole();
  const authenticity = authenticate(req.headers, rawBody, ports.webhookSecrets, Date.now());
  if (!authenticity.ok) {
    ports.flood.refused(address);
    ports.log.warn({ address, reason: authenticity.reason }, "webhook.refused");
    return unauthentic;
  }
  ports.flood.verified(address);
  const taken = await within(STORE_WITHIN_MS, take({ rawBody, signedId: authenticity.signedId }));
  return "mistakes" in taken ? refuse(ports, rawBody, taken) : taken;
}

/** Authentic and unreadable: it may be the only warning, so it is kept and somebody is told (mission I3). */
async function refuse(
  ports: ReceiverPorts,
  rawBody: Buffer,
  taken: Extract<Taken, { mistakes: unknown }>,
): Promise<Problem> {
  const problem = taken.answer === "malformed" ? malformed(taken.mistakes) : invalid(taken.mistakes);
  const kept = taken.mistakes.slice(0, MISTAKES_KEPT);
  const fields = kept.map(({ field }) => field);
  const reason = `${taken.answer}: ${kept.map(({ field, problem }) => `${field} ${problem}`).join("; ")}`;
  const body = rawBody.subarray(0, QUARANTINED_BYTES).toString("utf8");
  await within(STORE_WITHIN_MS, ports.inbox.quarantine({ reason, status: problem.status, body }));
  // The body stays out of the log: its hash finds it in the quarantine.
  const bodyHash = hash("sha256", rawBody).slice(0, 16);
  ports.log.error(
    { alert: true, status: problem.status, fields, bytes: rawBody.length, bodyHash },
    "webhook.quarantined",
  );
  return problem;
}

function answer(ports: ReceiverPorts, res: ServerResponse, result: { body: string } | Problem | "aborted"): void {
  if (result === "aborted" || res.destroyed || res.headersSent) return;
  if ("kind" in result) {
    ports.answered(result.status);
    sendProblem(res, result);
    return;
  }
  ports.answered(202);
  // Ids and numbers of ours only, so every character is one byte.
  res.writeHead(202, { "content-type": "application/json", "content-length": result.body.length });
  res.end(result.body);
}
