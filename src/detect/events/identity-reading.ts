import { readActor } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find, missing } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/**
 * What the gateway said of an agent's identity when a poller asked: `public_key` (hex, left out where none is registered) and
 * `verification`: valid, invalid or unknown (C4).
 */
export const identityReading: EventType = { names: ["identity_reading"], follows: "correlate", read };

const HEX = /^[0-9a-fA-F]+$/;
const MOST = 1_024;

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readActor(envelope, mistakes);
  const publicKey = readKey(envelope, mistakes);
  const verification = readVerification(envelope, mistakes);
  if (mistakes.length > 0 || verification === null) return { ok: false, mistakes };
  return { ok: true, agentId, facts: { kind: "identity", publicKey, verification } };
}

function readKey(envelope: Envelope, mistakes: Mistake[]): string | null {
  const found = find(envelope, ["public_key", "publicKey"]);
  if (found === null) return null;
  const key = found.value;
  // One key has one spelling here, as in the settings.
  if (typeof key === "string" && key.length <= MOST) return HEX.test(key) ? key.toLowerCase() : key;
  mistakes.push({ field: found.path, problem: `must be a public key as text, at most ${MOST} characters` });
  return null;
}

function readVerification(envelope: Envelope, mistakes: Mistake[]) {
  const found = find(envelope, ["verification"]);
  const word = found?.value;
  if (word === "valid" || word === "invalid" || word === "unknown") return word;
  const problem = "must be valid, invalid or unknown";
  mistakes.push(found === null ? missing(envelope, "verification", problem) : { field: found.path, problem });
  return null;
}
