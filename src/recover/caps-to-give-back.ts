import type { Incident } from "../incident/incident.ts";
import { iso } from "../incident/iso.ts";
import { formatMoney, type Money } from "../incident/money.ts";
import type { Caps, Incidents } from "../incident/ports.ts";
import { isMonthUnknown, type TwoCaps } from "../runbooks/caps-to-restore.ts";
import { fleetAgent, type Settings } from "../settings/settings.ts";
import { needsNamedCaps, rampOf, untouched } from "./ramp.ts";
import { capsBefore, halvedTo, takenBy } from "./taken.ts";

type Snapshot = NonNullable<Awaited<ReturnType<Caps["snapshot"]>>>;

export interface CapsToGiveBackPorts {
  caps: Pick<Caps, "snapshot" | "lastSeenAt">;
  incidents: Pick<Incidents, "receipts">;
  settings: Settings;
}

/** Decimal strings; null: no cap. */
interface ShownCaps {
  daily: string | null;
  monthly: string | null;
}

/** What stand-down and recovery give back, by the very snapshot that they restore, as things stand now. */
export interface CapsToGiveBack {
  /** False: containment left the budget alone, and so do they. */
  isTaken: boolean;
  /** null: nobody saw them, a person has to say them. */
  before: ShownCaps | null;
  /** Where the month's is from. reckoned: thirty times the day's; unknown: a person has to say it. */
  month: "known" | "settings" | "reckoned" | "unknown";
  source: Snapshot["source"] | null;
  /** The gateway itself showed them as the freeze left, or before it. */
  isConfirmed: boolean;
  /** When the gateway showed them; null: nobody knows any more. */
  seenAt: string | null;
  /** Of a recovery that begins now. caps null: a person has to say first what they are, or are shares of. */
  rungs: readonly { percent: number; afterMs: number; caps: ShownCaps | null }[];
}

/** Null where nothing is given back: it is over, or a dry run. */
export async function capsToGiveBack(ports: CapsToGiveBackPorts, incident: Incident): Promise<CapsToGiveBack | null> {
  if (incident.closedAt !== null || incident.dryRun) return null;
  const { agentId, id } = incident;
  const [snapshot, lastSeenAt] = await Promise.all([ports.caps.snapshot(agentId, id), ports.caps.lastSeenAt(agentId)]);
  const agent = fleetAgent(ports.settings, agentId);
  const budget = takenBy(incident, snapshot);
  const before = snapshot && capsBefore(snapshot, agent);
  const isUnknown = snapshot !== null && isMonthUnknown(snapshot, agent);
  return {
    isTaken: budget !== "leave",
    before: before && shown(before),
    month: isUnknown ? "unknown" : snapshot?.monthlyCap !== undefined ? "known" : agent?.caps ? "settings" : "reckoned",
    source: snapshot?.source ?? null,
    isConfirmed: snapshot?.source === "gateway",
    seenAt: snapshot && iso(seenAt(snapshot, lastSeenAt)),
    rungs: await rungsOf(ports, incident, budget, budget === "freeze" && isUnknown ? null : before),
  };
}

/** What was only remembered had been seen before it was kept; what is seen later is another's. */
function seenAt({ source, at }: Snapshot, lastSeenAt: number | null): number | null {
  if (source === "gateway") return at;
  return source === "last-seen" && lastSeenAt !== null && lastSeenAt <= at ? lastSeenAt : null;
}

/** As begin.ts plans them. */
async function rungsOf(
  ports: CapsToGiveBackPorts,
  { id }: Incident,
  budget: ReturnType<typeof takenBy>,
  before: TwoCaps | null,
): Promise<CapsToGiveBack["rungs"]> {
  const { rungs } = ports.settings.recovery;
  if (budget === "leave") return [{ percent: 100, afterMs: 0, caps: before && shown(before) }];
  if (before === null) return rungs.map(({ percent, afterMs }) => ({ percent, afterMs, caps: null }));
  const halved = budget === "halve" ? await halvedTo(ports, id) : null;
  const isNamed = needsNamedCaps({ budget, before, rungs });
  const ramp = rampOf({ budget, before, named: null, rungs, halvedTo: halved }) ?? untouched(before);
  return ramp.map(({ percent, afterMs, dailyCap, monthlyCap }) => ({
    ...{ percent, afterMs },
    caps: isNamed && percent < 100 ? null : { daily: dailyCap, monthly: monthlyCap },
  }));
}

const shown = ({ dailyCap, monthlyCap }: TwoCaps): ShownCaps => ({ daily: text(dailyCap), monthly: text(monthlyCap) });
const text = (cap: Money | null): string | null => (cap === null ? null : formatMoney(cap));
