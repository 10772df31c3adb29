import { readActor } from "./agent.ts";
import { type Envelope, isObject } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** Something an agent tried failed. One error proves nothing; many (D12), or those of several agents (D8), do. */
export const error: EventType = { names: ["error"], follows: "correlate", read };

const MOST_CODE = 100;
const MOST_MESSAGE = 300;

/** What lack of balance is called by the gateway, by wallets and by the libraries between: as a code, or in a sentence. */
const NO_BALANCE =
  /insufficient-(?:wallet-|account-)?(?:balance|funds?|credits?)|(?:wallet|balance|account)-(?:is-)?empty|empty-wallet/;
/** Says of itself only that payment failed: the gateway's 402 is also a budget cap (greenhelix.md, "402 is two things"). */
const BARE_NUMBER = /^\d{3}$/;

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readActor(envelope, mistakes);
  if (mistakes.length > 0) return { ok: false, mistakes };
  const nested = find(envelope, ["error"])?.value;
  const within = isObject(nested) ? { ...envelope, payload: nested } : envelope;
  const say = (...names: string[]) => (find(within, names) ?? find(envelope, names))?.value;
  const code = textOf(say("code", "error_code", "status_code"), MOST_CODE);
  const message = textOf(say("message", "error_message", "detail", "reason") ?? nested, MOST_MESSAGE);
  return { ok: true, agentId, facts: { kind: "error", code: codeOf(code, message), message } };
}

/** A message is believed about the balance only where no code of its own says something else. */
function codeOf(code: string | null, message: string | null): string | null {
  const own = code === null ? null : dashed(code);
  const saysMore = own !== null && !BARE_NUMBER.test(own);
  return NO_BALANCE.test(saysMore ? own : dashed(message ?? "")) ? "insufficient-balance" : own;
}

/** "INSUFFICIENT_BALANCE", "InsufficientBalanceError" and "insufficient balance" are one word. */
function dashed(text: string): string {
  return text
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** An error is news whatever it looks like: what is no text is left out instead of refused. */
function textOf(value: unknown, most: number): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? text.slice(0, most) : null;
}
