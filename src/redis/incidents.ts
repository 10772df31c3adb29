import { isOver, type Receipt, type Status, statusesBefore } from "../incident/incident.ts";
import { canonicalJson, digestOf, keptInLedger } from "../incident/ledger.ts";
import type { Incidents } from "../incident/ports.ts";
import type { Signal } from "../incident/signal.ts";
import { jsonText } from "../incident/well-formed.ts";
import { saidTexts } from "./caps.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { pageOfIncidents, readOpen } from "./incident-summaries.ts";
import { readIncident, readView } from "./incident-view.ts";
import { keys, tagKey } from "./keys.ts";
import { partitionOf, partitionOfId, shortHash } from "./partitions.ts";

/** Caps seen at most this long ago count as known (C1): the poll interval of a low-value agent (I7). */
const CAPS_FRESH_MS = 300_000;
/** When the ticker looks at an incident whose job may have been lost. */
const LOOK_AGAIN_MS = 10_000;

export function createIncidents(redis: RedisConnection, partitions: number): Incidents {
  const tag = (incidentId: string) => tagKey(partitionOfId(incidentId));
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const note = (
    incidentId: string,
    phase: string,
    what: string,
    detail: Record<string, unknown>,
    stamp = "",
    count = "",
    raiseTo = "",
  ) => {
    const text = canonicalJson(detail);
    const args = [incidentId, phase, what, text, stamp, count, raiseTo, keptInLedger(text)];
    return runScript<[number, string, string]>(redis, "note", tag(incidentId), args);
  };

  return {
    async open({ signal, runbook, priority, decidedBy, receivedAt, dryRun, cascadeId, explainedBy, escalation }) {
      const partition = partitionOf(signal.agentId, partitions);
      const why = canonicalJson(signal.why);
      const [answer, incidentId, epoch, news] = await runScript<
        ["opened" | "joined" | "known" | "answered", string, string | number, number?]
      >(redis, "openIncident", tagKey(partition), [
        partition,
        signal.agentId,
        shortHash(signal.agentId),
        signal.id,
        jsonText(signal),
        runbook,
        priority,
        decidedBy,
        receivedAt,
        CAPS_FRESH_MS,
        LOOK_AGAIN_MS,
        dryRun ? "1" : "0",
        cascadeId ?? "",
        (explainedBy ?? []).join(","),
        keptInLedger(why),
        escalation ? jsonText(escalation) : "",
        why,
        `${signal.kind} ${signal.severity} ${signal.why.rule} ${signal.suspectPayee ?? ""}`,
        signal.kind === "containment-order" || signal.kind === "fleet-shutdown" ? "1" : "0",
      ]);
      return { answer, incidentId, epoch: Number(epoch), isNews: news !== 0 };
    },

    load: (incidentId) =>
      reading(redis.hgetall(keys.incident(partitionOfId(incidentId), incidentId)).then(readIncident)),
    view: (incidentId) => reading(readView(redis, partitionOfId(incidentId), incidentId)),

    async list(limit) {
      const perPartition = await reading(
        Promise.all(
          Array.from({ length: partitions }, (_, partition) =>
            redis.zrevrange(keys.incidents(partition), 0, limit - 1),
          ),
        ),
      );
      const views = await Promise.all(perPartition.flat().map((id) => readView(redis, partitionOfId(id), id)));
      return views
        .filter((view) => view !== null)
        .sort((a, b) => b.openedAt - a.openedAt)
        .slice(0, limit);
    },

    page: (which) => pageOfIncidents(redis, partitions, which),
    allOpen: () => readOpen(redis, partitions),

    async agents() {
      const sets = Array.from({ length: partitions }, (_, partition) => redis.smembers(keys.hadIncident(partition)));
      return (await reading(Promise.all(sets))).flat();
    },

    async signals(incidentId) {
      const found = await reading(redis.hvals(keys.signals(partitionOfId(incidentId), incidentId)));
      return found.map((text) => JSON.parse(text) as Signal);
    },

    async setStatus(incidentId, to, phase, detail) {
      const text = canonicalJson(detail);
      const [changed, status] = await runScript<[number, Status]>(redis, "setStatus", tag(incidentId), [
        incidentId,
        to,
        statusesBefore(to).join(","),
        phase,
        text,
        isOver(to) ? "1" : "0",
        keptInLedger(text),
      ]);
      return { changed: changed === 1, status };
    },

    async announced(incidentId, at) {
      await reading(redis.hset(keys.incident(partitionOfId(incidentId), incidentId), "announcedAt", at));
    },

    async receipts(incidentId) {
      const found = await reading(redis.hgetall(keys.receipts(partitionOfId(incidentId), incidentId)));
      return new Map(Object.entries(found).map(([step, text]) => [step, JSON.parse(text) as Receipt]));
    },

    async recordReceipt(incidentId, step, phase, result) {
      const text = canonicalJson(result);
      const [, receipt] = await runScript<[number, string]>(redis, "recordReceipt", tag(incidentId), [
        incidentId,
        step,
        text,
        phase,
        keptInLedger(text),
      ]);
      return JSON.parse(receipt) as Receipt;
    },

    async note(incidentId, phase, what, detail) {
      await note(incidentId, phase, what, detail);
    },

    async tell(incidentId, what, detail) {
      const text = canonicalJson(detail);
      await runScript(redis, "tellLedger", tag(incidentId), [incidentId, what, text, keptInLedger(text)]);
    },

    async stamp(incidentId, field) {
      const [, at] = await note(incidentId, "contain", "", {}, field);
      return Number(at);
    },

    async countBreach(incidentId, detail) {
      const [, , count] = await note(incidentId, "contain", "hold-breached", detail, "", "reassertions", "P0");
      return Number(count);
    },

    async recordEscrows(incidentId, escrows, isOnlySeen = false) {
      if (escrows.length === 0) return;
      const fields = escrows.flatMap((escrow) => [escrow.escrowId, jsonText(escrow)]);
      const batch = canonicalJson(escrows);
      const seen = isOnlySeen ? "1" : "0";
      const args = [incidentId, batch, keptInLedger(batch), seen, ...fields];
      await runScript(redis, "recordEscrows", tag(incidentId), args);
    },

    async escrows(incidentId) {
      const found = await reading(redis.hgetall(keys.escrows(partitionOfId(incidentId), incidentId)));
      return new Map(Object.entries(found).map(([id, text]) => [id, JSON.parse(text)]));
    },

    async evidence(incidentId) {
      const found = await reading(redis.hgetall(keys.evidence(partitionOfId(incidentId), incidentId)));
      return Object.fromEntries(Object.entries(found).map(([part, text]) => [part, JSON.parse(text)]));
    },

    async recordEvidence(incidentId, part, evidence) {
      const text = canonicalJson(evidence);
      const { bytes, sha256 } = digestOf(text);
      await runScript(redis, "recordEvidence", tag(incidentId), [incidentId, part, text, bytes, sha256]);
    },

    async attend(incidentId, inMs) {
      const partition = partitionOfId(incidentId);
      const [seconds, micros] = await reading(redis.time());
      const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      await reading(redis.zadd(keys.attention(partition), "XX", now + inMs, incidentId));
    },

    async takeDue(partition, nextLookMs, limit) {
      const [, ...ids] = await runScript<[number, ...string[]]>(redis, "takeDue", tagKey(partition), [
        nextLookMs,
        limit,
      ]);
      return ids;
    },

    async beginStandDown(incidentId, by, reason, decidedBy) {
      const [answer, epoch] = await runScript<
        ["begun" | "running" | "over" | "unknown" | "changed" | "other-caps", number]
      >(redis, "beginStandDown", tag(incidentId), [
        incidentId,
        by,
        reason,
        decidedBy?.joined ?? "",
        ...saidTexts(decidedBy?.said ?? null),
      ]);
      return { answer, epoch };
    },
  };
}
