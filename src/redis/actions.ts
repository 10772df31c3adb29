import { canonicalJson, keptInLedger } from "../incident/ledger.ts";
import type { Actions, Claim } from "../incident/ports.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";
import type { Replicas } from "./replicas.ts";

/** G14: an action's end is known for 400 days, so that a replay within that time repeats nothing. */
const RETENTION_MS = 400 * 86_400_000;

/** replicas: those that should know of a claim before the gateway is called, or a failover lets somebody call it again. */
export function createActions(redis: RedisConnection, partitions: number, replicas: Replicas): Actions {
  const tag = (agentId: string) => tagKey(partitionOf(agentId, partitions));
  return {
    async claim(agentId, action, owner, leaseMs, graceMs, incidentId) {
      const replicated = replicas.watch(tag(agentId));
      const reply = await runScript<[Claim["answer"], string | number]>(redis, "claim", tag(agentId), [
        action,
        owner,
        leaseMs,
        graceMs,
        RETENTION_MS,
        incidentId ?? "",
      ]);
      const claim = readClaim(reply);
      if (claim.answer === "go" || claim.answer === "verify") await replicated.may();
      return claim;
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
