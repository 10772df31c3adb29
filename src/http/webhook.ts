import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Admission, admit } from "../detect/admit.ts";
import { describeError } from "../errors.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Log } from "../incident/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { authenticate } from "./authenticity.ts";
import { within } from "./deadline.ts";
import type { FloodGuard } from "./flood-guard.ts";
import { type Problem, sendProblem, storageUnavailable } from "./problem.ts";
import { readRawBody } from "./raw-body.ts";

export interface WebhookPorts {
  inbox: Pick<Inbox, "accept" | "quarantine">;
  settings: Settings;
  /** All active; empty refuses everything. */
  webhookSecrets: readonly string[];
  flood: FloodGuard;
  /** Used sparingly: it must stand a flood. */
  log: Log;
  /** Told the status of every answer, for the counters. */
  answered(status: number): void;
}

export const MAX_BODY_BYTES = 65_536;
const QUARANTINED_BYTES = 8_192;
/** Issue of trust: 503 within 2 s, also while Redis is frozen. Its connection gives up after 1.5 s; this is the belt. */
const STORE_WITHIN_MS = 1_800;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** Takes one webhook: who sent it, what it says, stored, 202. What it does not answer 202 to, it has not promised anything for. */
export function createWebhookHandler(
  ports: WebhookPorts,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const entrance = ports.flood.enter(req.socket.remoteAddress ?? "");
    if (entrance.answer === "flood") return answer(ports, res, tooMany(entrance.reason, entrance.retryAfterSec));
    try {
      answer(ports, res, await receive(ports, req));
    } catch (error) {
      // Whatever went wrong, the event may not be stored: the sender must come again.
      ports.log.error({ ...describeError(error) }, "webhook.not-stored");
      answer(ports, res, storageUnavailable);
    } finally {
      ports.flood.leave();
    }
  };
}

type Accepted = Extract<Admission, { eventId: string }>;

async function receive(ports: WebhookPorts, req: IncomingMessage): Promise<Accepted | Problem | "aborted"> {
  if (!JSON_TYPE.test(req.headers["content-type"] ?? "")) return wrongType;
  if ((req.headers["content-encoding"] ?? "identity") !== "identity") return compressed;
  const rawBody = await readRawBody(req, MAX_BODY_BYTES);
  if (rawBody === "aborted") return rawBody;
  if (rawBody === "too-large") return tooLarge;
  const address = req.socket.remoteAddress ?? "";
  const authenticity = authenticate(req.headers, rawBody, ports.webhookSecrets, Date.now());
  if (!authenticity.ok) {
    ports.flood.refused(address);
    ports.log.warn({ address, reason: authenticity.reason }, "webhook.refused");
    return unauthentic;
  }
  ports.flood.verified(address);
  const arrival = { rawBody, source: "webhook", signedId: authenticity.signedId } as const;
  const admission = await within(STORE_WITHIN_MS, admit(ports, arrival));
  return "mistakes" in admission ? refuse(ports, rawBody, admission) : admission;
}

/** Authentic and unreadable: it may be the only warning, so it is kept and somebody is told (mission I3). */
async function refuse(
  ports: WebhookPorts,
  rawBody: Buffer,
  admission: Extract<Admission, { mistakes: unknown }>,
): Promise<Problem> {
  const problem = admission.answer === "malformed" ? malformed(admission.mistakes) : invalid(admission.mistakes);
  const fields = admission.mistakes.map(({ field }) => field);
  const reason = `${admission.answer}: ${admission.mistakes.map(({ field, problem }) => `${field} ${problem}`).join("; ")}`;
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

function answer(ports: WebhookPorts, res: ServerResponse, result: Accepted | Problem | "aborted"): void {
  if (result === "aborted" || res.destroyed) return;
  if ("kind" in result) {
    ports.answered(result.status);
    sendProblem(res, result);
    return;
  }
  ports.answered(202);
  const body = `{"eventId":"${result.eventId}","status":"${result.answer}"}`;
  res.writeHead(202, { "content-type": "application/json", "content-length": body.length });
  res.end(body);
}

const wrongType: Problem = {
  status: 415,
  kind: "unsupported-media-type",
  detail: "Send application/json in UTF-8.",
  headers: { "accept-post": "application/json" },
};
const compressed: Problem = {
  status: 415,
  kind: "unsupported-encoding",
  detail: "Send the body uncompressed.",
  headers: { "accept-encoding": "identity" },
};
const tooLarge: Problem = {
  status: 413,
  kind: "too-large",
  detail: `A body may have at most ${MAX_BODY_BYTES} bytes.`,
};
/** One answer for every reason: which part was wrong is nobody's business but ours. */
const unauthentic: Problem = {
  status: 401,
  kind: "unauthentic",
  detail: "No valid signature: X-A2A-Signature, or webhook-id, webhook-timestamp and webhook-signature.",
  headers: { "www-authenticate": "Signature" },
};

function malformed(errors: Problem["errors"] & object): Problem {
  return {
    status: 400,
    kind: "malformed",
    detail: "The body is not readable as JSON. It was kept for inspection.",
    errors,
  };
}

function invalid(errors: Problem["errors"] & object): Problem {
  const detail = "The event lacks something or says it in a form we do not know. It was kept for inspection.";
  return { status: 422, kind: "invalid-event", detail, errors };
}

function tooMany(reason: string, retryAfterSec: number): Problem {
  return {
    status: 429,
    kind: "flood",
    detail: `Refused: ${reason}.`,
    headers: { "retry-after": String(retryAfterSec) },
  };
}
