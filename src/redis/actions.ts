import type { Redis } from "ioredis";
import { canonicalJson, keptInLedger } from "../incident/ledger.ts";
import type { Actions, Claim } from "../incident/ports.ts";
import { runScript } from "./connection.ts";
import { tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** G14: an action's end is known for 400 days, so that a replay within that time repeats nothing. */
const RETENTION_MS = 400 * 86_400_000;

export function createActions(redis: Redis, partitions: number): Actions {
  const tag = (agentId: string) => tagKey(partitionOf(agentId, partitions));
  return {
    async claim(agentId, action, owner, leaseMs, graceMs, incidentId) {
      const reply = await runScript<[Claim["answer"], string | number]>(redis, "claim", tag(agentId), [
        action,
        owner,
        leaseMs,
        graceMs,
        RETENTION_MS,
        incidentId ?? "",
      ]);
      return readClaim(reply);
    },
    async finish(agentId, action, fence, end, result) {
      const text = canonicalJson(result);
      const args = [action, fence, end, text, keptInLedger(text)];
      return (await runScript<number>(redis, "finish", tag(agentId), args)) === 1;
    },
  };
}

function readClaim([answer, value]: [Claim["answer"], string | number]): Claim {
  if (answer === "done") return { answer, result: JSON.parse(String(value)) as Record<string, unknown> };
  if (answer === "busy") return { answer, waitMs: Number(value) };
  return { answer, fence: Number(value) };
}
