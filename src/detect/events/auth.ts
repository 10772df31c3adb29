import { readActor } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** An agent authenticated somewhere. What is unusual about it shows beside the authentications before (D7). */
export const auth: EventType = { names: ["auth"], follows: "correlate", read };

const FAILED = new Set(["failure", "failed", "fail", "denied", "rejected", "refused", "error", "invalid"]);

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readActor(envelope, mistakes);
  const address = readText(envelope, ["ip", "ip_address", "source_ip", "address"], 64, mistakes);
  const userAgent = readText(envelope, ["user_agent"], 512, mistakes);
  if (mistakes.length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    agentId,
    facts: { kind: "auth", address: sameAddress(address), userAgent, succeeded: hasSucceeded(envelope) },
  };
}

function readText(envelope: Envelope, names: readonly string[], most: number, mistakes: Mistake[]): string | null {
  const found = find(envelope, names);
  if (found === null) return null;
  if (typeof found.value === "string" && found.value.length <= most) return found.value.trim() || null;
  mistakes.push({ field: found.path, problem: `must be a text of at most ${most} characters` });
  return null;
}

/** One host has one address here, whether it came over IPv4 or over IPv4 within IPv6. */
function sameAddress(address: string | null): string | null {
  return address === null ? null : address.toLowerCase().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}

/** Where nothing is said it counts as done: most senders only tell of those. */
function hasSucceeded(envelope: Envelope): boolean {
  if (find(envelope, ["success", "succeeded"])?.value === false) return false;
  const outcome = find(envelope, ["outcome", "result", "status"])?.value;
  return !(typeof outcome === "string" && FAILED.has(outcome.toLowerCase()));
}
