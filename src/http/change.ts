import { describeError, isTransient, saysNothingWasDone } from "../errors.ts";
import { type AuditTrail, audited, type Change, type Outcome } from "../incident/audit.ts";
import type { IdempotencyKeys } from "../incident/idempotency.ts";
import { canonicalJson } from "../incident/ledger.ts";
import type { Log } from "../incident/ports.ts";
import type { AnyAsked, Endpoint, Reply } from "./endpoint.ts";
import type { Problem } from "./problem.ts";

export interface ChangePorts {
  audit: Pick<AuditTrail, "begin" | "end">;
  idempotencyKeys: IdempotencyKeys;
  replication: Replication;
  log: Log;
}

/** Whether what Redis was told is elsewhere than on the one machine (redis/replicas.ts). */
export interface Replication {
  /** Call it before a write, and what it answers after it: false where no replica is known to have it. Never throws. */
  watch(): () => Promise<boolean>;
}

type Act = () => Promise<Reply>;

/** A change, made once per Idempotency-Key, and in the audit trail before it is made and after. */
export async function change<P>(ports: ChangePorts, endpoint: Endpoint<P>, asked: AnyAsked, act: Act): Promise<Reply> {
  const { audit, idempotencyKeys, replication, log } = ports;
  const isUntold = endpoint.unaudited === asked.caller.role || endpoint.isDryRun?.(asked.body);
  const unsaid = (error: unknown, number: number) => log.error({ number, ...describeError(error) }, "audit.end-unsaid");
  const made = async (begin: () => Promise<boolean>) => {
    const begun = async () => ((await begin()) ? act() : { problem: inHand });
    const isOnReplicas = isUntold ? always : replication.watch();
    const reply = await (isUntold ? begun() : audited(audit, describe(endpoint, asked), begun, { outcomeOf, unsaid }));
    return isDone(reply) && !(await isOnReplicas())
      ? { ...reply, headers: { ...reply.headers, ...notReplicated } }
      : reply;
  };
  const key = asked.req.get("idempotency-key");
  if (key === undefined) return made(async () => true);
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return { problem: badKey };
  const whose = whoseKey(endpoint, asked, key);
  const unkept = (error: unknown) => log.error({ action: endpoint.id, ...describeError(error) }, "idempotency.unkept");
  return once(idempotencyKeys, whose, canonicalJson(orderOf(asked)), made, unkept);
}

/** The same key of another caller or operation is another one. */
function whoseKey<P>({ id }: Endpoint<P>, { caller: { credential } }: AnyAsked, key: string): string {
  return JSON.stringify([credential.kind, credential.id, id, key]);
}

const orderOf = ({ params, query, body }: AnyAsked) => ({ params, query, body });

/**
 * What went well is answered again for a day; where nothing was done the same key may try again; where that is in doubt it is not
 * done again. unkept: what was done was done, and who asked is told so, though the key cannot be.
 */
async function once(
  keys: IdempotencyKeys,
  whose: string,
  request: string,
  act: (begin: () => Promise<boolean>) => Promise<Reply>,
  unkept: (error: unknown) => void,
): Promise<Reply> {
  const claim = await keys.claim(whose, request);
  if (claim.answer === "done") return { ...JSON.parse(claim.reply), headers: { "idempotency-replayed": "true" } };
  if (claim.answer !== "go") return { problem: notYours[claim.answer] };
  const { order } = claim;
  let isBegun = false;
  try {
    const reply = await act(async () => {
      isBegun = await order.begin();
      return isBegun;
    });
    const kept = keptOf(reply);
    await (kept === null ? order.release() : order.keep(kept)).catch(unkept);
    return reply;
  } catch (error) {
    const isInDoubt = isBegun && isTransient(error) && !saysNothingWasDone(error);
    await (isInDoubt ? order.cutOff() : order.release()).catch(unkept);
    throw error;
  }
}

/** Nobody's order is refused or undone because a replica is away; whoever gave it is told that a failover may take it back. */
const notReplicated = { replicated: "false" };

/** What agents report in their thousands is no order of a person. */
const always = async () => true;

const isDone = (reply: Reply): reply is Extract<Reply, { status: number }> =>
  reply !== null && reply !== "sent" && "status" in reply;

function keptOf(reply: Reply): string | null {
  return isDone(reply) ? JSON.stringify({ status: reply.status, body: reply.body }, shownOnce) : null;
}

/** A secret that was handed out is kept nowhere, and told nobody a second time. */
const shownOnce = (field: string, value: unknown): unknown => (field === "secret" ? null : value);

function outcomeOf(reply: Reply): Outcome {
  if (reply === null) return { result: "refused", detail: "not-found" };
  if (reply === "sent" || "text" in reply) return { result: "ok", detail: "200" };
  if ("problem" in reply) return { result: "refused", detail: reply.problem.kind };
  return { result: "ok", detail: String(reply.status) };
}

function describe<P>({ id }: Endpoint<P>, { caller, params, query, body }: AnyAsked): Change {
  const { by, ...fields }: Record<string, unknown> = { ...query, ...body };
  const person = by ?? caller.name ?? fields.owner;
  const { kind, id: which } = caller.credential;
  return {
    by: typeof person === "string" ? person : caller.role,
    role: caller.role,
    credential: `${kind} ${which}`,
    via: kind === "session" ? "console" : "api",
    action: id,
    target: Object.values(params).join("/"),
    fields,
  };
}

const badKey: Problem = {
  status: 422,
  kind: "invalid",
  detail: "Idempotency-Key must be 1 to 255 printable characters without spaces, such as a UUID.",
};
const anotherRequest: Problem = {
  status: 422,
  kind: "idempotency-key-reused",
  detail: "This Idempotency-Key was used for another order: each needs one of its own.",
};
const inHand: Problem = {
  status: 409,
  kind: "in-hand",
  detail: "The first request with this Idempotency-Key is still in hand: ask again in a moment.",
  headers: { "retry-after": "1" },
};
const outcomeUnknown: Problem = {
  status: 409,
  kind: "outcome-unknown",
  detail:
    "The first request with this Idempotency-Key was cut off: the audit trail says what became of it. Give another key to order it anew.",
};

const notYours = { "another-request": anotherRequest, "in-hand": inHand, "outcome-unknown": outcomeUnknown };
