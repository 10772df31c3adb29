import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import type { Begun, LookMemory, WatchJob } from "../../incident/watch.ts";
import { fleetAgent } from "../../settings/settings.ts";
import { balance } from "./balance.ts";
import { budget } from "./budget.ts";
import { escrows } from "./escrows.ts";
import { RESPONDER, reportFailure } from "./failure.ts";
import { identity } from "./identity.ts";
import { missingWebhooks } from "./missing.ts";
import type { WatchPorts } from "./ports.ts";
import { firstMemory, type Look, type Read, type Reading } from "./read.ts";
import { reputation } from "./reputation.ts";
import { tell } from "./told.ts";
import { transactions } from "./transactions.ts";

/** By importance: where calls are short the last are left out first (I7). A new thing to poll is its own file and its place here. */
export const reads: readonly Read[] = [escrows, budget, transactions, balance, identity, reputation];

/** A look whose process died is over after this. */
const LEASE_MS = 60_000;
const SLOW_EVERY_LOOKS = 10;
/** Less than the five minutes, so that a look that comes a moment early is not the one in between. */
const SLOW_EVERY_MS = 270_000;
/** D13: so many failures in a row are told; one is the gateway's usual weather. */
const FAILURES = 3;

type AgentJob = Extract<WatchJob, { look: "agent" }>;
type Begin = Extract<Begun, { answer: "begun" }>;
export type LookAnswer = "looked" | "busy" | "too-soon" | "no-calls" | "rate-limited" | "not-ours" | "lease-lost";

/**
 * One look at one agent: what is new becomes events, as if webhooks had told of it, and only what was accepted is remembered.
 * Never throws for what the gateway does: that is counted, and told after three times.
 */
export async function lookAtAgent(
  ports: WatchPorts,
  job: AgentJob,
  abort: AbortSignal,
): Promise<{ answer: LookAnswer } & Record<string, unknown>> {
  const { agentId } = job;
  const owner = randomUUID();
  const begun = await ports.agentWatch.begin(agentId, owner, { leaseMs: LEASE_MS, gapMs: Math.floor(job.everyMs / 2) });
  if (begun.answer !== "begun") return { answer: begun.answer };
  const memory = begun.memory ?? firstMemory;
  const due = readsDue(begun, memory);
  const costs = due.map((read) => ({ calls: read.calls(memory), floor: read.floor }));
  const granted = await ports.calls.take(agentId, costs);
  if (granted.reads === 0 && due.length > 0) {
    await ports.agentWatch.release(agentId, owner);
    return { answer: "no-calls", waitMs: granted.waitMs };
  }
  const run = await runReads(ports, agentId, begun, memory, due.slice(0, granted.reads), abort);
  const taken = costs.slice(0, granted.reads).reduce((sum, { calls }) => sum + calls, 0);
  const leftOut = due.slice(granted.reads).map(({ name }) => name);
  return finish(ports, { agentId, owner, begun, run, leftOut, extra: run.requests - taken });
}

function readsDue({ now, isHeld }: Begin, memory: LookMemory): readonly Read[] {
  const isSlowDue = memory.looks - memory.slowLook >= SLOW_EVERY_LOOKS || now - memory.slowAt >= SLOW_EVERY_MS;
  return reads.filter((read) => (read.pace === "every-look" || isSlowDue) && !(isHeld && read.isHolds));
}

interface Run {
  memory: LookMemory;
  requests: number;
  events: number;
  unreadable: number;
  told: NonNullable<Reading["told"]>;
  forgotten: readonly string[];
  made: readonly string[];
  failures: ReadonlyMap<string, TourniquetError>;
  /** The gateway said 429, or that this key may not look: nothing more is asked. */
  stopped: TourniquetError | null;
}

async function runReads(
  ports: WatchPorts,
  agentId: string,
  { now, watchedSince }: Begin,
  before: LookMemory,
  due: readonly Read[],
  abort: AbortSignal,
): Promise<Run> {
  const failures = new Map<string, TourniquetError>();
  const run = { memory: before, requests: 0, events: 0, unreadable: 0, made: [] as string[] };
  const escrowsSeen: Pick<Run, "told" | "forgotten"> = { told: [], forgotten: [] };
  const webhooks = await ports.fleetWatch.webhooks();
  const onRequest = () => {
    run.requests += 1;
  };
  let stopped: TourniquetError | null = null;
  for (const read of due) {
    const look: Look = {
      ...{ ports, agentId, now, watchedSince, webhooks, memory: run.memory },
      options: { signal: abort, onRequest },
    };
    const reading = await attempt(read, look);
    abort.throwIfAborted();
    const flaw = reading instanceof TourniquetError ? reading : reading.flaw;
    if (flaw) failures.set(read.name, flaw);
    else run.made.push(read.name);
    if (reading instanceof TourniquetError) {
      stopped = isFinal(reading) ? reading : null;
      if (stopped) break;
      continue;
    }
    run.unreadable += (await tell(ports, reading.found)).length;
    run.events += reading.found.length;
    run.memory = { ...run.memory, ...reading.remember };
    Object.assign(escrowsSeen, { ...(reading.told && { told: reading.told, forgotten: reading.forgotten ?? [] }) });
  }
  return { ...run, ...escrowsSeen, failures, stopped };
}

/** What the gateway did is counted, not thrown; what Redis did not do is for the next look, with nothing kept of this one. */
async function attempt(read: Read, look: Look): Promise<Reading | TourniquetError> {
  try {
    return await read.read(look);
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code.startsWith("redis-")) throw error;
    // Not every gateway shows transactions, nor every agent an identity: that is no failure of the look.
    if (error.code === "not-found" && !read.isHolds) return { found: [], remember: {} };
    return error;
  }
}

const isFinal = ({ code, detail }: TourniquetError): boolean =>
  code === "gateway-rate-limited" || (code === "gateway-refused" && [401, 403].includes(Number(detail.status)));

interface Ended {
  agentId: string;
  owner: string;
  begun: Begin;
  run: Run;
  /** Reads that were due and not made for want of calls. */
  leftOut: readonly string[];
  extra: number;
}

async function finish(ports: WatchPorts, end: Ended): Promise<{ answer: LookAnswer } & Record<string, unknown>> {
  const { agentId, owner, begun, run } = end;
  const isLimited = run.stopped?.code === "gateway-rate-limited";
  if (!isLimited) await ports.calls.settle(agentId, end.extra);
  const waitMs = isLimited ? await ports.calls.backOff(agentId, Number(run.stopped!.detail.retryAfterMs ?? 0)) : 0;
  if (run.stopped && !isLimited && fleetAgent(ports.settings, agentId) === undefined) {
    await ports.agentWatch.disown(agentId);
    await ports.agentWatch.release(agentId, owner);
    return { answer: "not-ours", reason: run.stopped.message };
  }
  const memory = await remembered(ports, end);
  const isWhole = reads.every(({ name, isHolds }) => !isHolds || begun.isHeld || run.made.includes(name));
  const { told, forgotten } = run;
  const kept = await ports.agentWatch.end(agentId, owner, { memory, isWhole, told, forgotten });
  if (!kept) return { answer: "lease-lost" };
  await reportFailures(ports, agentId, begun.now, run, memory);
  const counts = { events: run.events, requests: run.requests, leftOut: end.leftOut, failed: [...run.failures.keys()] };
  return { answer: isLimited ? "rate-limited" : "looked", ...counts, ...(isLimited && { waitMs }) };
}

async function remembered(ports: WatchPorts, { agentId, begun, run, leftOut }: Ended): Promise<LookMemory> {
  const failed = Object.fromEntries(
    // A 429 is answered by waiting; the look that does not come is told of by schedule.ts.
    [...run.failures]
      .filter(([, error]) => error.code !== "gateway-rate-limited")
      .map(([name]) => [name, (run.memory.failed[name] ?? 0) + 1]),
  );
  const untouched = Object.entries(run.memory.failed).filter(([name]) => !run.made.includes(name));
  const isSlow = reads.some(({ name, pace }) => pace === "slow" && run.made.includes(name));
  const looks = run.memory.looks + 1;
  return {
    ...run.memory,
    looks,
    ...(isSlow && { slowAt: begun.now, slowLook: looks }),
    failed: { ...Object.fromEntries(untouched), ...failed },
    leftOut: Object.fromEntries(leftOut.map((name) => [name, (run.memory.leftOut[name] ?? 0) + 1])),
    awaited: await missingWebhooks(ports, agentId, begun.now, run.memory.awaited),
  };
}

async function reportFailures(
  ports: WatchPorts,
  agentId: string,
  at: number,
  run: Run,
  memory: LookMemory,
): Promise<void> {
  const lasting = [...run.failures].filter(([name]) => (memory.failed[name] ?? 0) >= FAILURES);
  const [first] = lasting;
  if (first) {
    const what = lasting.map(([name]) => name).join(", ");
    const sentence = `${agentId} cannot be watched: reading ${what} failed ${FAILURES} times in a row or more. ${first[1].message}`;
    const observed = { failed: what, inARow: memory.failed[first[0]] ?? FAILURES, code: first[1].code };
    const thresholds = { inARow: FAILURES };
    await reportFailure(ports, { agentId, check: "look", sentence, observed, thresholds, at });
  }
  const starved = Object.keys(memory.leftOut).filter((name) => (memory.leftOut[name] ?? 0) >= FAILURES);
  if (starved.length > 0) {
    const { callsPerHour = 0, reserveShare } = ports.settings.gateway;
    const sentence = `Not everything is read: ${starved.join(", ")} of ${agentId}, and of others perhaps, were left out ${FAILURES} times in a row, since the key's ${callsPerHour} calls an hour less ${Math.round(reserveShare * 100)} % for freezes do not suffice. Escrows and budgets are read.`;
    const observed = { leftOut: starved.join(", "), firstSeenAt: agentId };
    await reportFailure(ports, { agentId: RESPONDER, check: "left-out", sentence, observed, at });
  }
  if (run.unreadable > 0) {
    const sentence = `${run.unreadable} things seen at ${agentId} could not be taken in as events: the gateway names something in a form that we do not know.`;
    const observed = { unreadable: run.unreadable };
    await reportFailure(ports, { agentId, check: "events", sentence, observed, at });
  }
}
