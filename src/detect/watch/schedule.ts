import type { AgentWatch, FleetWatch, Schedule, Schedules } from "../../incident/watch.ts";
import type { AnswerPorts } from "../answer.ts";
import { RESPONDER, reportFailure } from "./failure.ts";
import { reportSilence } from "./missing.ts";
import { type Planned, plan } from "./plan.ts";
import type { WatchPorts } from "./ports.ts";

export interface SchedulePorts extends AnswerPorts {
  schedules: Schedules;
  agentWatch: Pick<AgentWatch, "seenAgents" | "recovering" | "looked" | "enlist">;
  fleetWatch: FleetWatch;
  clock: WatchPorts["clock"];
  /** Which gateway key acts for an agent. */
  keyNameOf(agentId: string): string;
}

/** D13: so many intervals without a whole look are told. */
const INTERVALS = 3;
/** A look that was late by its schedule alone: its next job is lost, or lies where another machine's wrong clock put it. */
const LOST_INTERVALS = 3;

/**
 * Keeps the schedules of one partition as settings and seen agents want them, and tells of agents that nobody manages to
 * look at. Run by one process per partition, every few seconds. `isSound`: somebody is looked at, or there is nobody to look at.
 * upMs: how long this process has been there. One that has just started gives looks that an update held up their time.
 */
export async function keepWatch(
  ports: SchedulePorts,
  partition: number,
  upMs: number,
): Promise<{ schedules: number; isSound: boolean }> {
  const recovering = await ports.agentWatch.recovering();
  const whom = { seen: await seenAgents(ports), recovering: new Set(recovering.keys()) };
  const planned = plan(ports.settings, whom, ports.keyNameOf);
  await ports.agentWatch.enlist(planned.map(({ agentId }) => agentId));
  const kept = await ports.schedules.keep(partition, [...fleetSchedules(ports), ...planned.map(scheduleOf)]);
  const own = new Set(kept.map(({ agentId }) => agentId));
  const now = await ports.clock.now();
  const looked = await lookedAt(ports, planned, recovering);
  for (const [index, one] of planned.entries()) {
    if (!own.has(one.agentId)) continue;
    const { beganAt, wholeAt } = looked[index]!;
    if (now - beganAt > LOST_INTERVALS * one.everyMs) await ports.schedules.renew(partition, scheduleOf(one));
    if (Math.min(now - wholeAt, upMs) > INTERVALS * one.everyMs) await reportUnwatched(ports, one, now - wholeAt, now);
  }
  if (partition === 0) {
    await reportSilence(ports);
    await reportStretched(ports, planned, now);
  }
  const isSound =
    planned.length === 0 || planned.some(({ everyMs }, index) => now - looked[index]!.wholeAt <= INTERVALS * everyMs);
  return { schedules: kept.length, isSound };
}

/** When each was last looked at. Who is to be looked at more often from now on is late by that only from now on. */
async function lookedAt(
  { agentWatch }: SchedulePorts,
  planned: readonly Planned[],
  recovering: ReadonlyMap<string, number>,
): Promise<readonly { beganAt: number; wholeAt: number }[]> {
  const looked = await agentWatch.looked(planned.map(({ agentId }) => agentId));
  return looked.map(({ beganAt, wholeAt }, index) => {
    const since = recovering.get(planned[index]!.agentId) ?? 0;
    return { beganAt: Math.max(beganAt, since), wholeAt: Math.max(wholeAt, since) };
  });
}

/** Those that no file names; the others among them are asked for on top, or they would crowd these out. */
async function seenAgents({ agentWatch, settings }: SchedulePorts): Promise<readonly string[]> {
  const most = settings.watch.seenAgents;
  if (most === 0) return [];
  const named = new Set(settings.fleet.agents.map(({ id }) => id));
  return (await agentWatch.seenAgents(most + named.size)).filter((id) => !named.has(id)).slice(0, most);
}

function scheduleOf({ agentId, everyMs }: Planned): Schedule {
  return { id: `look-${agentId}`, agentId, everyMs, job: { look: "agent", agentId, everyMs } };
}

function fleetSchedules({ settings: { watch } }: SchedulePorts): readonly Schedule[] {
  return [
    { id: "bus", agentId: null, everyMs: watch.highValueEveryMs, job: { look: "bus" } },
    // Whoever starts us may register the webhook only when we answer.
    {
      ...{ id: "webhooks", agentId: null, everyMs: watch.pingEveryMs, job: { look: "webhooks" } },
      firstInMs: watch.webhookGraceMs,
    },
  ];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

async function reportUnwatched(ports: SchedulePorts, one: Planned, forMs: number, at: number): Promise<void> {
  const { agentId, everyMs } = one;
  await reportFailure(ports, {
    agentId,
    check: "look",
    sentence: `${agentId} was last looked at ${seconds(forMs)} ago and should be every ${seconds(everyMs)}. No poller runs, the gateway does not answer, or its limit is used up: the log of the watch worker says which.`,
    observed: { forMs },
    thresholds: { everyMs, intervals: INTERVALS },
    at,
  });
}

/** One warning for the fleet: it is the key's limit that falls short, not any single agent. */
async function reportStretched(ports: SchedulePorts, planned: readonly Planned[], at: number): Promise<void> {
  const stretched = planned.filter(({ wantedMs, everyMs }) => everyMs > INTERVALS * wantedMs);
  const [worst] = stretched.toSorted((a, b) => b.everyMs / b.wantedMs - a.everyMs / a.wantedMs);
  if (!worst) return;
  const { callsPerHour = 0, reserveShare } = ports.settings.gateway;
  await reportFailure(ports, {
    agentId: RESPONDER,
    check: "stretch",
    sentence: `${stretched.length} agents cannot be looked at as often as they should: of ${callsPerHour} calls an hour ${Math.round(reserveShare * 100)} % are kept for freezes, and the rest allows ${worst.agentId} a look every ${seconds(worst.everyMs)} instead of ${seconds(worst.wantedMs)}. A key of a higher tier, a key per agent, or longer intervals mend it.`,
    observed: { agents: stretched.length, everyMs: worst.everyMs },
    thresholds: { wantedMs: worst.wantedMs, intervals: INTERVALS, callsPerHour },
    at,
  });
}
