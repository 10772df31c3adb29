import { createHash } from "node:crypto";

/**
 * Every key of the product. A plain string is not a Key, so no other file can make one up.
 * Keys of one partition share one hash tag: what must change together for an agent is in one slot, and Redis Cluster
 * spreads partitions over machines (design.md, decision 5). Fleet-wide state has a tag of its own. Some keys only scripts make up,
 * from the tag and the same words: theirs stand here too, since this is where it is said what each one holds, and tests look by them.
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
const fleetKey = (...parts: readonly string[]) => [fleetTag(), ...parts].join(":") as Key;

export const keys = {
  /** string "<eventId> <epoch> <generation>" · dedup of one delivery · lives 7 d by id (an agent's telemetry 25 h), 15 min by body */
  dedup: (p: number, hash: string) => key(p, "dedup", hash),
  /** hash · one event as received and its disposition · 7 d after disposition, telemetry that led to nothing 25 h */
  event: (p: number, eventId: string) => key(p, "event", eventId),
  /** zset eventId by receivedAt · accepted, no disposition yet · for ever */
  pending: (p: number) => key(p, "pending"),
  /** hash of counters · accepted and one per disposition · for ever */
  intake: (p: number) => key(p, "intake"),
  /** hash of counters · what the metrics show of incidents, their money, and how long things took (measures.lua) · for ever */
  measures: (p: number) => key(p, "measures"),
  /** list of JSON, newest first, bounded · authentic but invalid deliveries · for ever */
  quarantine: (p: number) => key(p, "quarantine"),
  /** hash · epoch, open incident, last seen caps, the snapshot of the caps from before the freeze, how often it was warned of · for ever */
  agent: (p: number, agentId: string) => key(p, "agent", agentId),
  /** set of incident ids · while one is in it nobody raises this agent's cap (G9) · for ever */
  holds: (p: number, agentId: string) => key(p, "agent", agentId, "holds"),
  /** zset token by the time it can take effect no more · writes on their way that lower the cap (G9) · until then */
  lowering: (p: number, agentId: string) => key(p, "agent", agentId, "lowering"),
  /** hash token -> the caps it sets · the raise that nobody has settled · as long as it may take effect, and 5 s */
  unsettledRaise: (p: number, agentId: string) => key(p, "agent", agentId, "unsettled"),
  /** hash · one incident · for ever */
  incident: (p: number, incidentId: string) => key(p, "incident", incidentId),
  /** hash step -> JSON receipt, first one stays · for ever */
  receipts: (p: number, incidentId: string) => key(p, "incident", incidentId, "receipts"),
  /** list of JSON · timeline, oldest first · for ever */
  timeline: (p: number, incidentId: string) => key(p, "incident", incidentId, "timeline"),
  /** list of JSON · ledger, oldest first (ledger.lua) · for ever */
  ledger: (p: number, incidentId: string) => key(p, "incident", incidentId, "ledger"),
  /** list of the hashes of its lines; hash digest -> long text; list of JSON, signed checkpoints · for ever; and `runs`, see repeats.lua */
  ledgerPart: (p: number, incidentId: string, part: "hashes" | "texts" | "checkpoints") =>
    key(p, "incident", incidentId, "ledger", part),
  /** zset incidentId by when its next checkpoint is due · ledgers with entries that none covers (ledger.lua) */
  unsigned: (p: number) => key(p, "unsigned"),
  /** hash · the private key that was made where none is configured, and key id -> public key of all that ever signed, PEM · for ever */
  ledgerKeys: () => fleetKey("ledger-keys"),
  /** hash '<kind> <severity> <rule> <suspect payee>' -> how many signals said this (scripts/open-incident.lua) · for ever */
  said: (p: number, incidentId: string) => key(p, "incident", incidentId, "said"),
  /** hash signalId -> JSON · the signals that opened or joined, of those that say the same the first 100 · for ever */
  signals: (p: number, incidentId: string) => key(p, "incident", incidentId, "signals"),
  /** hash escrowId -> JSON · what became of each escrow · for ever */
  escrows: (p: number, incidentId: string) => key(p, "incident", incidentId, "escrows"),
  /** hash part -> JSON · evidence taken at containment, first one stays · for ever */
  evidence: (p: number, incidentId: string) => key(p, "incident", incidentId, "evidence"),
  /** hash · json: the post-mortem, first one stays; toldAt: when what follows from it was handed over, ms · for ever */
  postMortem: (p: number, incidentId: string) => key(p, "incident", incidentId, "post-mortem"),
  /** zset incidentId by openedAt · for ever */
  incidents: (p: number) => key(p, "incidents"),
  /** set of agent ids · who ever had an incident · for ever */
  hadIncident: (p: number) => key(p, "had-incident"),
  /** zset incidentId by the time somebody must look at it next · while the incident is open */
  attention: (p: number) => key(p, "attention"),
  /** zset incidentId by when the next level of its escalation is due (scripts/due-escalations.lua) · until it is told, or in hand */
  escalations: (p: number) => key(p, "escalations"),
  /** hash "<priority>:<level>" -> "<when> <incidentId>" · which incident of a cascade or shutdown told its level · 30 d */
  escalated: (group: string) => fleetKey("escalated", group),
  /** set of incidents that count on what this one tells of a level (scripts/cover-level.lua) · 30 d */
  covers: (p: number, incidentId: string, level: string) => key(p, "incident", incidentId, "covers", level),
  /** hash page -> '<at> ...' (scripts/begin-page.lua) · the pages of an incident, agent or cascade that went out lately · 1 h */
  told: (p: number, about: string) => key(p, "told", about),
  /** hash "<channel> <outcome>" -> count · how pages went, for the metrics · for ever */
  pageCounts: () => fleetKey("page-counts"),
  /** set of channels · those that could not be told of one page · 1 d */
  unreached: (p: number, page: string) => key(p, "unreached", page),
  /** hash · the claim and result of one action (G7) · 400 d */
  action: (p: number, actionKey: string) => key(p, "action", actionKey),
  /** list of lines (scripts/observe-money.lua), bounded · escrows of one payer that lately opened or ended · 1 h */
  window: (p: number, agentId: string) => key(p, "window", agentId),
  /** hash minute -> principal in 1e-8 units · the baseline of one payer · 7 d */
  principal: (p: number, agentId: string) => key(p, "principal", agentId),
  /** hash minute -> money that left the account otherwise, in 1e-8 units · 7 d */
  outflow: (p: number, agentId: string) => key(p, "outflow", agentId),
  /** list of lines (scripts/observe-money.lua), bounded · the newest of that money · 1 h; the last transactions, one string · 7 d */
  outflowPart: (p: number, agentId: string, part: "rows" | "seen") => key(p, "outflow", agentId, part),
  /** hash · first and lowest score of one agent's reputation · 400 d */
  standing: (p: number, agentId: string) => key(p, "standing", agentId),
  /** zset "<eventId> <tool or error code>" by event time · what one agent did lately, calls or errors · 1 h */
  activity: (p: number, kind: "calls" | "errors", agentId: string) => key(p, "activity", kind, agentId),
  /** hash minute -> tool calls · the baseline of one agent · 7 d */
  callMinutes: (p: number, agentId: string) => key(p, "activity", "minutes", agentId),
  /** hash of a trait's value -> "<first> <last>" · how one agent authenticates; beside them the earliest events and days · 90 d */
  access: (p: number, agentId: string, trait: "address" | "user-agent" | "hour" | "first" | "days") =>
    key(p, "access", agentId, trait),
  /** string · the first public key seen of an agent · for ever */
  firstKey: (p: number, agentId: string) => key(p, "first-key", agentId),
  /** hash · a verdict as JSON, first one stays, the newest time it was concluded from, and the incident that answered it · 7 d */
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
  /** hash number of a change in the audit trail -> number of the entry that ends it · for ever (scripts/audit.lua) */
  auditEnds: (p: number) => key(p, "audit-ends"),
  /** hash · a change asked for with this Idempotency-Key, how far it is and its answer (scripts/claim-order.lua) · claimed 10 s, begun 24 h */
  idempotency: (digest: string) => fleetKey("idempotency", digest),
  /** HyperLogLog of signal ids · what one silence held back · two days after it ends */
  heldBack: (silenceId: string) => `${fleetTag()}:silence:${silenceId}:held-back` as Key,
  /** string · set once the end of a silence was told · two days */
  silenceEnded: (silenceId: string) => `${fleetTag()}:silence:${silenceId}:ended` as Key,
  /** zset incident id or topic by the time it changed last, in the partition and of the fleet (changes.lua) · 1 h */
  changed: (p: number) => key(p, "changed"),
  /** string · who runs the ticker of this partition · seconds */
  lease: (p: number, name: string) => key(p, "lease", name),
  /** hash · a signal of the fleet-wide window: agent, JSON, its group · 7 d */
  cascadeSignal: (signalId: string) => fleetKey("cascade", "signal", signalId),
  /** zset signalId by event time · signals that carry one mark (incident/cascade-links.ts) · 1 d or twice the cascade's window */
  cascadeMark: (mark: string) => fleetKey("cascade", "mark", mark),
  /** hash · one cascade: when opened and closed, into which it was merged · for ever; a group that is none yet 7 d, and so for its parts */
  cascade: (id: string) => fleetKey("cascade", id),
  /** hash signalId -> JSON · the signals that made it */
  cascadeSignals: (id: string) => fleetKey("cascade", id, "signals"),
  /** hash agentId -> JSON · what became of each agent; beside it the set `agents` of all */
  cascadeMembers: (id: string) => fleetKey("cascade", id, "members"),
  /** set of agent ids · those that nobody handed to containment yet */
  cascadePending: (id: string) => fleetKey("cascade", id, "pending"),
  /** zset cascade id by the time it opened · for ever; `cascade-count` beside it is the last number given */
  cascades: () => fleetKey("cascades"),
  /** zset "<eventId> <balance, or - for a failure> <agentId>" by event time · what agents met with on one shared wallet (D8) · 1 h */
  wallet: (wallet: string) => fleetKey("wallet", wallet),
  /** zset agentId by Redis time · agents that automation froze in the last hour (P4) · 1 h */
  automaticFreezes: () => fleetKey("automatic-freezes"),
  /** hash id -> JSON · what waits for a person's word · until it is answered */
  approvals: () => fleetKey("approvals"),
  /** hash agentId -> verdict JSON · what one of them would do · until it is answered */
  approval: (id: string) => fleetKey("approval", id),
  /** hash · what was said to one of them, by whom, and when it was asked: so that nobody says otherwise at the same moment · 1 min */
  approvalAnswer: (id: string) => fleetKey("approval-answer", id),
  /** hash · the fleet shutdown in force: id, who, why, when · until it is resumed; `shutdown-count` is the last number given */
  shutdown: () => fleetKey("shutdown"),
  /** string · the shutdown that answered this signal: written by begin-shutdown.lua · 7 d, as long as a verdict */
  shutdownCause: (signalId: string) => fleetKey("shutdown-cause", signalId),
  /** hash agentId -> signalId · whom a shutdown froze, and by which verdict · for ever */
  shutdownAgents: (id: string) => fleetKey("shutdown", id, "agents"),
  /** hash · one agent's last look: who looks now, when, what it left · 10 d after the last (I7) */
  watch: (p: number, agentId: string) => key(p, "watch", agentId),
  /** hash escrowId -> its time of creation or "" · held escrows that polling has told of · 10 d */
  watchTold: (p: number, agentId: string) => key(p, "watch", agentId, "told"),
  /** zset "escrow:<id>" or "budget" by time · what webhooks told of one agent, bounded · 1 d (I8) */
  watchHeard: (p: number, agentId: string) => key(p, "watch", agentId, "heard"),
  /** zset agentId by when its recovery is planned to end · agents whose incident is recovering (R2): written by the scripts of recovery · until then */
  recovering: (p: number) => key(p, "recovering"),
  /** zset agentId by time · since when polling knows of that, and looks more often · until the recovery is over */
  watchTight: (p: number) => key(p, "watch-tight"),
  /** string · the gateway says this agent is not ours to poll · 1 d */
  watchForeign: (p: number, agentId: string) => key(p, "watch", agentId, "foreign"),
  /** zset agentId by time · agents that webhooks told of, bounded · for ever */
  seenAgents: (p: number) => key(p, "seen-agents"),
  /** hash "<type> <source>", or "test.ping <webhook id>" -> when one last arrived, ms · for ever (scripts/accept.lua) */
  fed: (p: number) => key(p, "fed"),
  /** hash · bus cursor, registered webhooks, failures in a row · for ever */
  fleetWatch: () => `${fleetTag()}:watch` as Key,
  /** hash agentId -> count · what webhooks did not tell of, since the last report · until then */
  silence: () => `${fleetTag()}:silence` as Key,
  /** string · silence was reported · an hour */
  silenceTold: () => `${fleetTag()}:silence:told` as Key,
  /** hash · calls left to polling with one gateway key, and until when it may not call · 2 h (scripts/take-calls.lua) */
  calls: (keyName: string) => `${fleetTag()}:calls:${keyName}` as Key,
  /** zset eventId by receivedAt · what one agent told of itself, bounded · 25 h (scripts/accept.lua) */
  telemetry: (p: number, agentId: string) => key(p, "telemetry", agentId),
  /** hash "<incidentId> <what>" -> JSON · what incidents of this partition left on an agent or a payee · until they take it back */
  marks: (p: number, kind: string, whom: string) => key(p, "marks", kind, whom),
  /** set "<what> <whom>" · what one incident left and must take back · until it has */
  marked: (p: number, incidentId: string, kind: string) => key(p, "incident", incidentId, "marked", kind),
  /** zset job id by the time it failed for good · BullMQ's own · 90 d (queues/jobs.ts) */
  failed: (p: number, queue: string) => key(p, queue, "failed"),
  /** hash number -> JSON, "<number>:end" -> JSON · who replayed a dead letter, and what came of it · 400 d (scripts/begin-replay.lua) */
  replays: (p: number, queue: string, jobId: string) => key(p, "replays", queue, jobId),
  /** zset tuning id by when it was proposed (F6) · for ever; beside it `open` and `in-force`, hashes "<path> <agent>" -> id */
  tunings: () => fleetKey("tunings"),
  tuningsInForce: () => fleetKey("tunings", "in-force"),
  /** counter · changes whenever another tuning is in force · for ever */
  tuningsVersion: () => fleetKey("tunings", "version"),
  /** hash · one proposal, and what was decided on it · for ever */
  tuning: (id: string) => fleetKey("tuning", id),
  /** zset drill id by when it began, bounded · for ever; beside it `drill-count`, and `drill-alone`, which runs that nobody else may run beside */
  drills: () => fleetKey("drills"),
  /** hash · one run of drills: order, results, end, when it was last heard of · as long as the list has it */
  drill: (id: string) => fleetKey("drill", id),
  /** string · PARTITIONS this Redis was first used with · for ever */
  partitions: () => `${fleetTag()}:partitions` as Key,
  /** hash · one login of a browser (scripts/begin-session.lua), under the SHA-256 of its secret · until it is idle for 15 min, at most 8 h */
  session: (digest: string) => fleetKey("session", digest),
  /** hash · one personal token, under the SHA-256 of its secret · until it is revoked */
  token: (digest: string) => fleetKey("token", digest),
  /** hash id of a personal token -> that SHA-256 · until it is revoked */
  tokens: () => fleetKey("tokens"),
  /** prefix of a counter per address · tries to log in · a minute */
  logins: () => fleetKey("logins"),
  /** string · when the next call of one gateway key is free, ms · a minute past that (scripts/take-turn.lua) */
  pace: (keyName: string) => `${fleetTag()}:pace:${keyName}` as Key,
};
