import { agentIdRule, isAgentId } from "../../incident/agent-id.ts";
import { AMOUNT, formatMoney, type Money, parseMoney } from "../../incident/money.ts";
import type { Envelope } from "./envelope.ts";
import type { Mistake } from "./mistake.ts";

/**
 * Reading single fields of an envelope by the names in use. Handwritten because this runs once per webhook and a schema
 * costs more than the whole rest of the intake (performance.md: "validate flat, parse once").
 * Each reader adds what is wrong to `mistakes` and answers null then, and also where the field is absent.
 */
export interface Found {
  /** As the sender would look for it: "payload.amount". */
  path: string;
  value: unknown;
}

/** Already as formatMoney would write it, so that the usual amount makes no bigint. */
const PLAIN_AMOUNT = /^(?:0|[1-9]\d{0,14})\.\d\d$/;
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,20})?$/;

/** The first of the names that has a value, in the payload before the top level. */
export function find(envelope: Envelope, names: readonly string[]): Found | null {
  return findIn(envelope.payload, names, `${envelope.payloadName}.`) ?? findIn(envelope.top, names, "");
}

export function findIn(
  object: Readonly<Record<string, unknown>> | null,
  names: readonly string[],
  prefix: string,
): Found | null {
  if (object === null) return null;
  for (const name of names) {
    // None of our names is on Object.prototype, and JSON.parse makes own keys only, `__proto__` included.
    const value = object[name];
    if (value !== null && value !== undefined && value !== "") return { path: prefix + name, value };
  }
  return null;
}

/** Where a sender should put a field that is missing. */
export function missing(envelope: Envelope, name: string, problem: string): Mistake {
  return { field: envelope.payload === null ? name : `${envelope.payloadName}.${name}`, problem };
}

/** An id as text; senders that count give a whole number. */
export function readId(found: Found | null, mistakes: Mistake[]): string | null {
  if (found === null) return null;
  const text = Number.isSafeInteger(found.value) ? String(found.value) : found.value;
  if (isAgentId(text)) return text;
  // One field can be asked for twice: the payee is also who stands in for a missing agent.
  if (!mistakes.some(({ field }) => field === found.path)) mistakes.push({ field: found.path, problem: agentIdRule });
  return null;
}

/** A plain number, or its decimal text. */
export function readNumber(found: Found | null, mistakes: Mistake[]): number | null {
  if (found === null) return null;
  const { value } = found;
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  mistakes.push({ field: found.path, problem: "must be a number, or its decimal text" });
  return null;
}

/** A decimal string. A JSON number past 2^53 has lost digits on the way, so it is refused rather than believed. */
export function readAmount(found: Found | null, mistakes: Mistake[]): string | null {
  if (found === null) return null;
  if (typeof found.value === "string" && PLAIN_AMOUNT.test(found.value)) return found.value;
  const amount = parseAmount(found.value);
  if (amount !== undefined) return formatMoney(amount);
  const unsafe = typeof found.value === "number" && Math.abs(found.value) > Number.MAX_SAFE_INTEGER;
  const problem = unsafe
    ? "is a number too large to be exact in JSON; send it as a decimal string"
    : 'must be an amount such as "150.00": at most 15 digits, a dot, at most 8 digits, not negative';
  mistakes.push({ field: found.path, problem });
  return null;
}

function parseAmount(value: unknown): Money | undefined {
  if (typeof value === "string") return AMOUNT.test(value) ? parseMoney(value) : undefined;
  return typeof value === "number" && value >= 0 ? parseMoney(value) : undefined;
}
