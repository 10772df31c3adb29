import type { BudgetCaps } from "../incident/gateway.ts";
import { canonicalJson } from "../incident/ledger.ts";
import { formatMoney, type Money, money } from "../incident/money.ts";
import type { Caps } from "../incident/ports.ts";
import type { CapsSaid, Snapshot } from "../incident/snapshot.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** In Redis "null" is uncapped and "?" is not shown; zero stays "0.00". The three are never confused (pitfall 12). */
const capText = (cap: Money | null | undefined): string =>
  cap === undefined ? "?" : cap === null ? "null" : formatMoney(cap);
const readCap = (text: string): Money | null | undefined =>
  text === "?" ? undefined : text === "null" ? null : money(text);
const thresholdText = (threshold: number | undefined): string => (threshold === undefined ? "?" : String(threshold));

export function createCaps(redis: RedisConnection, partitions: number): Caps {
  const tag = (agentId: string) => tagKey(partitionOf(agentId, partitions));
  const snapshot = async (agentId: string, args: readonly string[]): Promise<Snapshot | null> =>
    readSnapshot(await runScript<string[]>(redis, "snapshotCaps", tag(agentId), [agentId, ...args]));
  const gate = async (agentId: string, args: readonly (string | number)[]) => {
    const reply = await runScript<["go" | "no" | "early" | "wait", string | number]>(redis, "raiseGate", tag(agentId), [
      agentId,
      ...args,
    ]);
    return { answer: reply[0], waitMs: Number(reply[1]) };
  };
  return {
    async see(agentId, caps) {
      await runScript(redis, "seeCaps", tag(agentId), [agentId, ...capTexts(caps)]);
    },
    async lastSeen(agentId) {
      const key = keys.agent(partitionOf(agentId, partitions), agentId);
      const [daily, monthly, threshold] = await redis
        .hmget(key, "capDaily", "capMonthly", "capThreshold")
        .catch((error) => Promise.reject(redisError(error)));
      return daily && monthly ? readCaps(daily, monthly, threshold ?? "?") : null;
    },
    async lastSeenAt(agentId) {
      const key = keys.agent(partitionOf(agentId, partitions), agentId);
      const at = await redis.hget(key, "capsAt").catch((error) => Promise.reject(redisError(error)));
      return at === null ? null : Number(at);
    },
    snapshot: (agentId, incidentId) => snapshot(agentId, [incidentId, "", "", "", ""]),
    takeSnapshot: (agentId, incidentId, caps, source) => snapshot(agentId, [incidentId, ...capTexts(caps), source]),
    async confirmSnapshot(agentId, incidentId, caps) {
      const args = [agentId, ...capTexts(caps), incidentId];
      return (await runScript<number>(redis, "confirmSnapshot", tag(agentId), args)) === 1;
    },
    async beginLowering(agentId, incidentId, token, ttlMs, action = "") {
      const args = [agentId, incidentId, token, ttlMs, action];
      return (await runScript<number>(redis, "beginLowering", tag(agentId), args)) === 1;
    },
    async endLowering(agentId, token) {
      const p = partitionOf(agentId, partitions);
      const both = [redis.zrem(keys.lowering(p, agentId), token), redis.hdel(keys.unsettledRaise(p, agentId), token)];
      await Promise.all(both).catch((error) => Promise.reject(redisError(error)));
    },
    async lateRaise(agentId) {
      const key = keys.unsettledRaise(partitionOf(agentId, partitions), agentId);
      const known = await redis.hgetall(key).catch((error) => Promise.reject(redisError(error)));
      const [late] = Object.entries(known);
      if (late === undefined) return null;
      const [daily, monthly] = JSON.parse(late[1]) as [string, string];
      return { token: late[0], dailyCap: readCap(daily) ?? null, monthlyCap: readCap(monthly) };
    },
    async answerLowering(agentId, incidentId, token, answer, mayStillLand) {
      const args = [agentId, incidentId, token, canonicalJson(answer), mayStillLand ? "1" : "0"];
      await runScript(redis, "endLowering", tag(agentId), args);
    },
    async isWalletFrozen(agentId) {
      const key = keys.agent(partitionOf(agentId, partitions), agentId);
      return (await redis.hexists(key, "walletFrozenAt").catch((error) => Promise.reject(redisError(error)))) === 1;
    },
    loweringLeft: (agentId, own) => runScript<number>(redis, "loweringLeft", tag(agentId), [agentId, own ?? ""]),
    async mayRaise(agentId, epoch, { forget }) {
      return (
        (await gate(agentId, [epoch, forget === "wallet" ? forget : forget ? "1" : "0", "", 0, ""])).answer === "go"
      );
    },
    beginRaise(agentId, epoch, { token, ttlMs, dueAt, caps }) {
      const sets = jsonText([capText(caps.dailyCap), capText(caps.monthlyCap)]);
      return gate(agentId, [epoch, "0", token, ttlMs, dueAt ?? "", sets]);
    },
    settleRaise(agentId, epoch, { token, ttlMs, last }) {
      const receipt = last === null ? ["", "", ""] : [last.step, canonicalJson(last.result), last.incidentId];
      return runScript(redis, "settleRaise", tag(agentId), [agentId, epoch, token, ttlMs, ...receipt]);
    },
  };
}

/** For the scripts that keep them: the snapshot that stands as snapshot.lua knows it, and the two caps; all empty where none were said. */
export function saidTexts(said: CapsSaid | null): [string, string, string] {
  if (said === null) return ["", "", ""];
  const { insteadOf: known, dailyCap, monthlyCap } = said;
  const texts = known && [
    capText(known.dailyCap),
    capText(known.monthlyCap),
    known.source,
    known.raised ? "raised" : "",
  ];
  return [texts?.join("|") ?? "", capText(dailyCap), capText(monthlyCap)];
}

function capTexts(caps: BudgetCaps): [string, string, string] {
  return [capText(caps.dailyCap), capText(caps.monthlyCap), thresholdText(caps.alertThreshold)];
}

function readSnapshot(reply: readonly string[]): Snapshot | null {
  const [daily, monthly, threshold, source, at, raisedAt] = reply;
  if (daily === undefined || monthly === undefined) return null;
  const caps = readCaps(daily, monthly, threshold ?? "?");
  const raised = Boolean(raisedAt) && { raised: true as const };
  return { ...caps, source: source as Snapshot["source"], at: Number(at), ...raised };
}

function readCaps(daily: string, monthly: string, threshold: string): BudgetCaps {
  return {
    dailyCap: readCap(daily) ?? null,
    monthlyCap: readCap(monthly),
    alertThreshold: threshold === "?" ? undefined : Number(threshold),
  };
}
