import { formatMoney, parseMoney } from "../../incident/money.ts";
import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { type Found, find, findIn, missing, readId } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** A row of an agent's account, as a poller found it. What left the account is judged over its minutes (D3). */
export const transactionRecorded: EventType = { names: ["transaction_recorded"], follows: "correlate", read };

const SIGNED = /^-?\d{1,15}(?:\.\d{1,8})?$/;

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readAgent(envelope, mistakes);
  const found = findId(envelope);
  if (found === null) mistakes.push(missing(envelope, "transaction_id", "must name the transaction"));
  const transactionId = readId(found, mistakes);
  const amount = readSigned(envelope, mistakes);
  if (mistakes.length > 0 || transactionId === null || amount === null) return { ok: false, mistakes };
  // `type` beside the other fields at the top level is the event's.
  const type = text(find(envelope, ["tx_type"]) ?? findIn(envelope.payload, ["type"], "payload."));
  const description = text(find(envelope, ["description"]));
  return { ok: true, agentId, facts: { kind: "transaction", transactionId, amount, type, description } };
}

/** `id` at the top level beside a payload is the event's own. */
function findId(envelope: Envelope): Found | null {
  const named = find(envelope, ["transaction_id"]) ?? findIn(envelope.payload, ["id"], "payload.");
  return named ?? (envelope.payload === null ? findIn(envelope.top, ["id"], "") : null);
}

/** A decimal string with its sign: what leaves the account is negative. */
function readSigned(envelope: Envelope, mistakes: Mistake[]): string | null {
  const found = find(envelope, ["amount"]);
  if (found === null)
    mistakes.push(missing(envelope, "amount", "must say how much moved, negative if it left the account"));
  if (found === null) return null;
  const isAmount = typeof found.value === "number" || (typeof found.value === "string" && SIGNED.test(found.value));
  const amount = isAmount ? parseMoney(found.value) : undefined;
  if (amount !== undefined) return formatMoney(amount);
  mistakes.push({
    field: found.path,
    problem: 'must be an amount such as "-150.00": at most 15 digits, a dot, at most 8 digits',
  });
  return null;
}

/** In the gateway's own words, whatever they are. */
const text = (found: Found | null): string => (typeof found?.value === "string" ? found.value : "");
