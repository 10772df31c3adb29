import type { EscrowState } from "../../incident/gateway.ts";
import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { type Found, find, findIn, missing, readAmount, readId } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

const TIMEOUT = "escrow_timeout";

/** The words of both dialects. Held is what still locks money and the payer may cancel; a word not in here is `unknown`. */
const stateByWord: ReadonlyMap<string, EscrowState> = new Map([
  ["held", "held"],
  ["pending", "held"],
  ["created", "held"],
  ["open", "held"],
  ["funded", "held"],
  ["active", "held"],
  ["locked", "held"],
  ["settled", "settled"],
  ["released", "settled"],
  ["completed", "settled"],
  ["refunded", "refunded"],
  ["cancelled", "refunded"],
  ["canceled", "refunded"],
  ["expired", "expired"],
  ["timeout", "expired"],
  ["timed_out", "expired"],
  ["disputed", "disputed"],
]);

/** One escrow entered a state. Alone it proves nothing: bursts and concentration are judged over windows. */
export const escrowStateChange: EventType = {
  names: ["escrow_state_change", TIMEOUT],
  follows: "correlate",
  read,
};

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const found = findEscrowId(envelope);
  if (found === null) mistakes.push(missing(envelope, "escrow_id", "must name the escrow"));
  const escrowId = readId(found, mistakes);
  const payee = readId(find(envelope, ["payee", "payee_id"]), mistakes);
  const parties = readParties(envelope, payee, mistakes);
  const amount = readAmount(find(envelope, ["amount"]), mistakes);
  const state = readState(envelope, mistakes);
  const previous = readWord(find(envelope, ["previous_status", "old_status"]), mistakes);
  if (mistakes.length > 0 || escrowId === null || state === null) return { ok: false, mistakes };
  const { agentId, payer } = parties;
  return {
    ok: true,
    agentId,
    facts: { kind: "escrow", escrowId, payer, payee, amount, state, previousState: previous },
  };
}

/** `id` at the top level beside a payload is the event's own id, never the escrow's. */
export function findEscrowId(envelope: Envelope): Found | null {
  const named = find(envelope, ["escrow_id"]) ?? findIn(envelope.payload, ["id"], `${envelope.payloadName}.`);
  return named ?? (envelope.payload === null ? findIn(envelope.top, ["id"], "") : null);
}

/** The agent is the payer where there is one: it is the payer's money. Named alone, an agent that is not the payee paid. */
function readParties(
  envelope: Envelope,
  payee: string | null,
  mistakes: Mistake[],
): { agentId: string | null; payer: string | null } {
  const found = find(envelope, ["payer", "payer_id"]);
  const payer = readId(found, mistakes);
  if (found !== null) return { agentId: payer, payer };
  const agentId = readAgent(envelope, mistakes);
  return { agentId, payer: agentId === payee ? null : agentId };
}

function readState(envelope: Envelope, mistakes: Mistake[]): EscrowState | null {
  const found = find(envelope, ["new_status", "status", "state"]);
  if (found === null && envelope.type === TIMEOUT) return "expired";
  if (found === null) mistakes.push(missing(envelope, "status", "must say the escrow's state"));
  return readWord(found, mistakes);
}

function readWord(found: Found | null, mistakes: Mistake[]): EscrowState | null {
  if (found === null) return null;
  if (typeof found.value === "string") return stateByWord.get(found.value.toLowerCase()) ?? "unknown";
  mistakes.push({ field: found.path, problem: "must be a word such as held, settled, refunded or expired" });
  return null;
}
