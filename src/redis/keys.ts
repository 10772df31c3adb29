import { createHash } from "node:crypto";

/**
 * Every key of the product. A plain string is not a Key, so no other file can make one up.
 * Keys of one partition share one hash tag: what must change together for an agent is in one slot, and Redis Cluster
 * spreads partitions over machines (design.md, decision 5). Fleet-wide state has a tag of its own.
 */
export type Key = string & { readonly __key: true };

const partitionTag = (partition: number) => `{tq:${partition}}`;
const key = (partition: number, ...parts: readonly string[]) => [partitionTag(partition), ...parts].join(":") as Key;

/** First 12 hex digits of sha-256: short, safe in job ids (which allow no colon), the same on every machine. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** hash(agentId) % partitions. An event without an agent has partition 0. */
export function partitionOf(agentId: string | null, partitions: number): number {
  if (!agentId || partitions === 1) return 0;
  return Number.parseInt(shortHash(agentId).slice(0, 8), 16) % partitions;
}

/** BullMQ's prefix for the queues of one partition. */
export const queuePrefix = (partition: number) => partitionTag(partition);

/** What every script of one partition gets: it appends the same suffixes as below to reach a sibling in the same slot. */
export const tagKey = (partition: number) => partitionTag(partition) as Key;

/** The tag of what belongs to no partition: it is in one slot of its own. */
export const fleetTag = () => "{tq:fleet}" as Key;

export const keys = {
  /** string "<eventId> <epoch> <generation>" · dedup of one delivery · lives 7 d by id, 15 min by body */
  dedup: (p: number, hash: string) => key(p, "dedup", hash),
  /** hash · one event as received and its disposition · 7 d after disposition */
  event: (p: number, eventId: string) => key(p, "event", eventId),
  /** zset eventId by receivedAt · accepted, no disposition yet · for ever */
  pending: (p: number) => key(p, "pending"),
  /** hash of counters · accepted and one per disposition · for ever */
  intake: (p: number) => key(p, "intake"),
  /** list of JSON, newest first, bounded · authentic but invalid deliveries · for ever */
  quarantine: (p: number) => key(p, "quarantine"),
  /** hash · epoch, open incident, last seen caps, the snapshot of the caps from before the freeze · for ever */
  agent: (p: number, agentId: string) => key(p, "agent", agentId),
  /** set of incident ids · while one is in it nobody raises this agent's cap (G9) · for ever */
  holds: (p: number, agentId: string) => key(p, "agent", agentId, "holds"),
  /** hash · one incident · for ever */
  incident: (p: number, incidentId: string) => key(p, "incident", incidentId),
  /** hash step -> JSON receipt, first one stays · for ever */
  receipts: (p: number, incidentId: string) => key(p, "incident", incidentId, "receipts"),
  /** list of JSON · timeline, oldest first · for ever */
  timeline: (p: number, incidentId: string) => key(p, "incident", incidentId, "timeline"),
  /** hash signalId -> JSON · the signals that opened or joined · for ever */
  signals: (p: number, incidentId: string) => key(p, "incident", incidentId, "signals"),
  /** hash escrowId -> JSON · what became of each escrow · for ever */
  escrows: (p: number, incidentId: string) => key(p, "incident", incidentId, "escrows"),
  /** hash part -> JSON · evidence taken at containment, first one stays · for ever */
  evidence: (p: number, incidentId: string) => key(p, "incident", incidentId, "evidence"),
  /** zset incidentId by openedAt · for ever */
  incidents: (p: number) => key(p, "incidents"),
  /** zset incidentId by the time somebody must look at it next · while the incident is open */
  attention: (p: number) => key(p, "attention"),
  /** hash · the claim and result of one action (G7) · 400 d */
  action: (p: number, actionKey: string) => key(p, "action", actionKey),
  /** zset "<escrowId> <payee> <amount>" by event time · escrows opened lately by one payer · 1 h */
  window: (p: number, agentId: string) => key(p, "window", agentId),
  /** hash minute -> principal in 1e-8 units · the baseline of one payer · 7 d */
  principal: (p: number, agentId: string) => key(p, "principal", agentId),
  /** hash · a verdict as JSON, first one stays, and the incident that answered it · 7 d */
  verdict: (p: number, signalId: string) => key(p, "verdict", signalId),
  /** zset signalId by the time kept · the latest verdicts of the partition · bounded */
  verdicts: (p: number) => key(p, "verdicts"),
  /** zset signalId by the time of what is behind it · the latest verdicts about one agent · 7 d */
  verdictsOf: (p: number, agentId: string) => key(p, "verdicts", agentId),
  /** hash · failures in a row, when it opened, its probe, who reset it (P3) · while it is open, else 7 d */
  breaker: (p: number, agentId: string) => key(p, "breaker", agentId),
  /** zset agentId by when its breaker opened · those not closed since */
  breakers: (p: number) => key(p, "breakers"),
  /** hash of counters · how often breakers opened · for ever */
  breakerCounts: (p: number) => key(p, "breaker-counts"),
  /** hash id -> JSON · silences made while the product runs (P6) · a day after they end */
  silences: () => `${fleetTag()}:silences` as Key,
  /** HyperLogLog of signal ids · what one silence held back · two days after it ends */
  heldBack: (silenceId: string) => `${fleetTag()}:silence:${silenceId}:held-back` as Key,
  /** string · set once the end of a silence was told · two days */
  silenceEnded: (silenceId: string) => `${fleetTag()}:silence:${silenceId}:ended` as Key,
  /** string · who runs the ticker of this partition · seconds */
  lease: (p: number, name: string) => key(p, "lease", name),
  /** string · PARTITIONS this Redis was first used with · for ever */
  partitions: () => `${fleetTag()}:partitions` as Key,
  /** string · when the next call of one gateway key is free, ms · a minute past that (scripts/take-turn.lua) */
  pace: (keyName: string) => `${fleetTag()}:pace:${keyName}` as Key,
};
