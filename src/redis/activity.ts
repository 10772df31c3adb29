import type { Activity, ActivityEntry, ActivityView } from "../incident/activity.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

const HOUR_MS = 3_600_000;
/** The window of D9. */
const CALLS_NEAR_MS = 60_000;
/** Minutes with calls that make the baseline; as many as of principal. */
const MOST_MINUTES = 120;

interface Bounds {
  nearMs: number;
  neighbours: number;
  most: number;
  minutes: number;
}

export function createActivity(redis: RedisConnection, partitions: number): Activity {
  const observe = async (kind: "calls" | "errors", agentId: string, entry: ActivityEntry, bounds: Bounds) => {
    const { nearMs, neighbours, most, minutes } = bounds;
    const [members, byMinute, epoch, observed, afreshMinute] = await runScript<
      [string[], string[], string, string, string]
    >(redis, "observeActivity", tagKey(partitionOf(agentId, partitions)), [
      agentId,
      kind,
      entry.eventId,
      encodeURIComponent(entry.what),
      Math.round(entry.at),
      nearMs,
      neighbours,
      most,
      minutes,
      Math.max(HOUR_MS, nearMs),
    ]);
    const view: ActivityView = {
      eventId: entry.eventId,
      entries: members.map(readMember),
      epoch: Number(epoch),
      observed: Number(observed),
    };
    return { ...view, callsByMinute: readMinutes(byMinute), afreshMinute: Number(afreshMinute) };
  };
  return {
    observeCall: (agentId, call, bounds) =>
      observe("calls", agentId, call, { ...bounds, nearMs: CALLS_NEAR_MS, minutes: MOST_MINUTES }),
    async observeError(agentId, error, { most, windowMs }) {
      const bounds = { most, nearMs: windowMs, neighbours: 0, minutes: 0 };
      const { callsByMinute: _, afreshMinute: __, ...view } = await observe("errors", agentId, error, bounds);
      return view;
    },
  };
}

function readMember(member: string): ActivityEntry {
  const [eventId, what, at] = member.split(" ");
  return { eventId: eventId ?? "", what: decodeURIComponent(what ?? ""), at: Number(at) };
}

function readMinutes(flat: readonly string[]): Map<number, number> {
  const byMinute = new Map<number, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) byMinute.set(Number(flat[i]), Number(flat[i + 1]));
  return byMinute;
}
