import { z } from "zod";
import type { Identity, Reputation, Verification } from "../incident/gateway.ts";
import { listIn, named, number, readAs, record } from "./fields.ts";

export function readIdentity(agentId: string, body: unknown): Identity {
  const raw = readAs(record, body, "get_agent_identity");
  const { public_key: publicKey, created_at: createdAt } = raw;
  return {
    agentId,
    publicKey: typeof publicKey === "string" && publicKey !== "" ? publicKey : undefined,
    createdAt: createdAt === undefined || createdAt === null ? undefined : String(createdAt),
    raw,
  };
}

/** C4: only a plain true or false is a verdict. */
export function readVerification(body: unknown): Verification {
  const verdict = named(readAs(record, body, "verify_agent"), "verified", "valid");
  if (verdict === true) return { verdict: "valid", reason: "the gateway says the agent is verified" };
  if (verdict === false) return { verdict: "invalid", reason: "the gateway says the agent is not verified" };
  return { verdict: "unknown", reason: "the gateway gave no verdict" };
}

const scores = z.object({ composite: number.optional(), reputation: number.optional(), confidence: number.catch(0) });

/**
 * `composite_score` is 0..100 and starts as zeros nobody computed, told apart by having no confidence;
 * `reputation_score` is 0..1.
 */
export function readReputation(body: unknown): Reputation {
  const raw = readAs(record, body, "get_agent_reputation");
  const { composite, reputation, confidence } = readAs(
    scores,
    {
      composite: named(raw, "composite_score"),
      reputation: named(raw, "reputation_score"),
      confidence: raw.confidence,
    },
    "get_agent_reputation",
  );
  if (composite === undefined) return { score: reputation, raw };
  return { score: composite === 0 && confidence === 0 ? undefined : composite / 100, raw };
}

export function readRecords(
  body: unknown,
  what: string,
  ...names: readonly string[]
): readonly Record<string, unknown>[] {
  return readAs(z.array(record), listIn(body, what, ...names), what);
}
