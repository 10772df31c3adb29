import type { AgentWatch, FleetWatch, Schedule, Schedules } from "../../incident/watch.ts";
import type { AnswerPorts } from "../answer.ts";
import { reportFailure } from "./failure.ts";
import { reportSilence } from "./missing.ts";
import { type Planned, plan } from "./plan.ts";
import type { WatchPorts } from "./ports.ts";

export interface SchedulePorts extends AnswerPorts {
  schedules: Schedules;
  agentWatch: Pick<AgentWatch, "seenAgents" | "looked" | "enlist">;
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
 */
export async function keepWatch(
  ports: SchedulePorts,
  partition: number,
): Promise<{ schedules: number; isSound: boolean }> {
  const planned = plan(ports.settings, await seenAgents(ports), ports.keyNameOf);
  await ports.agentWatch.enlist(planned.map(({ agentId }) => agentId));
  const kept = await ports.schedules.keep(partition, [...fleetSchedules(ports), ...planned.map(scheduleOf)]);
  const own = new Set(kept.map(({ agentId }) => agentId));
  const now = await ports.clock.now();
  const looked = await ports.agentWatch.looked(planned.map(({ agentId }) => agentId));
  for (const [index, one] of planned.entries()) {
    if (!own.has(one.agentId)) continue;
    const { beganAt, wholeAt } = looked[index]!;
    if (now - beganAt > LOST_INTERVALS * one.everyMs) await ports.schedules.renew(partition, scheduleOf(one));
    if (now - wholeAt > INTERVALS * one.wantedMs) await reportUnwatched(ports, one, now - wholeAt, now);
  }
  if (partition === 0) await reportSilence(ports);
  const isSound =
    planned.length === 0 || planned.some(({ everyMs }, index) => now - looked[index]!.wholeAt <= INTERVALS * everyMs);
  return { schedules: kept.length, isSound };
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

async function reportUnwatched(ports: SchedulePorts, one: Planned, forMs: number, at: number): Promise<void> {
  const { agentId, wantedMs, everyMs } = one;
  const { callsPerHour, reserveShare } = ports.settings.gateway;
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const why =
    everyMs > wantedMs
      ? ` Its gateway key allows ${callsPerHour} calls an hour, of which ${Math.round(reserveShare * 100)} % are kept for freezes: that is a look every ${seconds(everyMs)} at best.`
      : " No poller runs, the gateway does not answer, or its limit is used up: the log of the watch worker says which.";
  await reportFailure(ports, {
    agentId,
    check: "look",
    sentence: `${agentId} was last looked at ${seconds(forMs)} ago and should be every ${seconds(wantedMs)}.${why}`,
    observed: { forMs, everyMs },
    thresholds: { wantedMs, intervals: INTERVALS },
    at,
  });
}
