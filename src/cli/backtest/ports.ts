import type { CascadePorts } from "../../detect/cascade.ts";
import type { CorrelatePorts } from "../../detect/correlate.ts";
import type { BreakerView } from "../../incident/breaker.ts";
import type { Fleet } from "../../incident/fleet.ts";
import type { Inbox, StoredEvent } from "../../incident/inbox.ts";
import type { JobData, QueueName } from "../../incident/jobs.ts";
import type { KeptVerdict, Verdicts } from "../../incident/verdict.ts";
import type { Scratch } from "../../scratch.ts";
import type { Settings } from "../../settings/settings.ts";

/** A job that detection or a cascade asked for; each id is asked for once, as in the queues. */
export type Asked = { [Q in QueueName]: { queue: Q; id: string; data: JobData[Q] } }[QueueName];

/** Everything that detection needs, on a Redis of its own and by the clock of the trace. */
export interface ReplayPorts extends CorrelatePorts, CascadePorts {
  incidents: Scratch["incidents"];
}

/** One event on its way through a replay. */
export interface Moment {
  /** When it arrived: what Redis would have said then. */
  now: number;
  /** With the verdicts that it carries from intake. */
  stored: StoredEvent;
  /** What it made detection ask for. */
  asked: Asked[];
}

/** What a replay remembers beside its Redis. */
export interface Memory {
  /** Ids of the jobs that were asked for. */
  asked: Set<string>;
  /** Signal id to when its verdict was kept. */
  keptAt: Map<string, number>;
  /** Agents that automation froze, to when (P4). */
  frozen: Map<string, number>;
  /** Agents whose freeze waits for a person's word. */
  waiting: Set<string>;
}

/** The ports of one moment: time stands still in them. */
export function replayPorts(scratch: Scratch, settings: Settings, memory: Memory, moment: Moment): ReplayPorts {
  return {
    settings,
    ...agedStores(scratch, moment),
    incidents: scratch.incidents,
    cascades: scratch.cascades,
    wallets: scratch.wallets,
    verdicts: datedVerdicts(scratch.verdicts, memory, moment),
    fleet: tracedFleet(memory, moment),
    inbox: { ...noInbox, load: async () => moment.stored, dispose: async () => true },
    dispatch: {
      async add(queue, _, id, data) {
        const name = `${queue} ${id}`;
        if (memory.asked.has(name)) return;
        memory.asked.add(name);
        moment.asked.push({ queue, id, data } as Asked);
      },
      isLive: async () => false,
    },
    // Those of the settings file hold; what was ordered while the product ran is not in a trace.
    silences: { current: async () => ({ now: moment.now, silences: [] }), heldBack: async () => undefined },
    // Agents report to it over HTTP, which no trace tells of.
    breakers: { ask: async () => closed },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
}

const closed: BreakerView = {
  ...{ state: "closed", failures: 0, openedAt: null },
  ...{ probe: null, retryAfterMs: 0, heldBy: null, lastReset: null },
};

/** What a replay never asks the inbox or the fleet for. */
const noInbox = {} as Inbox;
const noFleet = {} as Fleet;

/** The stores whose memory Redis would shorten meanwhile, by its own clock. */
function agedStores({ windows, activity, access, standing, aging }: Scratch, moment: Moment) {
  return {
    windows: {
      async observeEscrow(agentId, ...rest) {
        await aging.before("money", agentId, moment.now);
        return windows.observeEscrow(agentId, ...rest);
      },
      async observeEnd(agentId, ...rest) {
        await aging.before("money", agentId, moment.now);
        return windows.observeEnd(agentId, ...rest);
      },
      async observeOutflow(agentId, ...rest) {
        await aging.before("money", agentId, moment.now);
        return windows.observeOutflow(agentId, ...rest);
      },
    },
    activity: {
      async observeCall(agentId, ...rest) {
        await aging.before("calls", agentId, moment.now);
        return activity.observeCall(agentId, ...rest);
      },
      async observeError(agentId, error, bounds) {
        await aging.before("errors", agentId, moment.now, bounds.windowMs);
        return activity.observeError(agentId, error, bounds);
      },
    },
    access: {
      async observe(agentId, ...rest) {
        await aging.before("access", agentId, moment.now);
        return access.observe(agentId, ...rest);
      },
      pin: access.pin,
    },
    standing: {
      async observe(agentId, reading) {
        await aging.before("standing", agentId, moment.now);
        return standing.observe(agentId, reading);
      },
      known: (agentId) => standing.known(agentId),
    },
  } satisfies Pick<ReplayPorts, "windows" | "activity" | "access" | "standing">;
}

/** Whether a warning came late is told from when it was kept: the store says by Redis's clock. */
function datedVerdicts(verdicts: Verdicts, { keptAt }: Memory, moment: Moment): Verdicts {
  const dated = (kept: KeptVerdict): KeptVerdict => ({ ...kept, keptAt: keptAt.get(kept.signal.id) ?? moment.now });
  return {
    ...verdicts,
    async keep(verdict) {
      const { id } = verdict.signal;
      if (!keptAt.has(id)) keptAt.set(id, moment.now);
      return dated(await verdicts.keep(verdict));
    },
    async load(agentId, signalId) {
      const kept = await verdicts.load(agentId, signalId);
      return kept && dated(kept);
    },
    between: async (...asked) => (await verdicts.between(...asked)).map(dated),
  };
}

const HOUR_MS = 3_600_000;

/** P4 by the clock of the trace: the cap is per rolling hour, and a replay takes seconds. */
function tracedFleet({ frozen, waiting }: Memory, moment: Moment): Fleet {
  return {
    ...noFleet,
    async reserve(agentIds, { limit, unlimited }) {
      for (const [agentId, at] of frozen) if (moment.now - at >= HOUR_MS) frozen.delete(agentId);
      const granted = agentIds.filter((agentId) => {
        if (!frozen.has(agentId) && !unlimited && frozen.size >= limit) return false;
        if (!frozen.has(agentId)) frozen.set(agentId, moment.now);
        return true;
      });
      return { granted };
    },
    async ask({ verdicts }) {
      for (const { signal } of verdicts) waiting.add(signal.agentId);
    },
    async settle(_, agentIds) {
      for (const agentId of agentIds) waiting.delete(agentId);
    },
  };
}
