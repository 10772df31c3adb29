import type { Cascade, CascadeMember, CascadeSignal } from "../../incident/cascade.ts";
import { edgesOf } from "../../incident/cascade-links.ts";
import { isOver } from "../../incident/incident.ts";
import type { Signal } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { KeptVerdict, Verdict } from "../../incident/verdict.ts";
import { cascadeFailure } from "../../runbooks/cascade-failure.ts";
import { automaticFreezeLimit } from "../../settings/automatic-freezes.ts";
import { isDryRun } from "../../settings/settings.ts";
import type { CascadePorts } from "../cascade.ts";
import { callsForContainment } from "../policy.ts";

/** The page and the event say what a cascade is a moment after it opened: its members come within that moment. */
const ANNOUNCE_AFTER_MS = 1_500;

interface Candidate {
  verdict: Verdict;
  /** Contained for its own signal whatever the cascade says: the cap does not hold it back. */
  onItsOwn: boolean;
}

/**
 * Contains these agents as members of the cascade, all at once: each by a verdict of its own, so that one who is contained
 * already joins the same way. Everything in here has a fixed id: whoever repeats it after a crash repeats nothing.
 */
export async function handOver(ports: CascadePorts, cascadeId: string, agentIds: readonly string[]): Promise<void> {
  const cascade = await ports.cascades.load(cascadeId);
  if (!cascade) return;
  const found = await Promise.all(agentIds.map((agentId) => candidateOf(ports, cascade, agentId)));
  const candidates = found.filter((one) => one !== null);
  const granted = await withinCap(ports, candidates);
  const [now, later] = [
    candidates.filter(({ verdict }) => granted.has(verdict.signal.agentId)),
    candidates.filter(({ verdict }) => !granted.has(verdict.signal.agentId)),
  ];
  await Promise.all([...now.map(({ verdict }) => contain(ports, verdict)), askForTheRest(ports, cascade, later)]);
  await announce(ports, cascade);
  const standings = new Map<string, CascadeMember>([
    ...agentIds.map((agentId) => [agentId, { agentId, standing: "over", signalId: "" }] as const),
    ...now.map((one) => entry(one, "freezing")),
    ...later.map((one) => entry(one, "waiting")),
  ]);
  await ports.cascades.handedOver(cascade.id, [...standings.values()]);
  await ports.fleet.settle(
    approvalOf(cascade),
    now.map(({ verdict }) => verdict.signal.agentId),
  );
}

const entry = ({ verdict: { signal } }: Candidate, standing: CascadeMember["standing"]) =>
  [signal.agentId, { agentId: signal.agentId, standing, signalId: signal.id }] as const;

/** By the strongest of its signals. Null: all of its own incidents are over, so a person or time has dealt with it. */
async function candidateOf(ports: CascadePorts, cascade: Cascade, agentId: string): Promise<Candidate | null> {
  const own = cascade.signals.filter((signal) => signal.agentId === agentId).sort(strongestFirst);
  for (const { signalId: id } of own) {
    const verdict = await ports.verdicts.load(agentId, id);
    if (!verdict || (await wasDealtWith(ports, verdict))) continue;
    const onItsOwn = verdict.tier !== null && callsForContainment({ tier: verdict.tier, reason: "" });
    return { verdict: memberVerdict(cascade, verdict.signal), onItsOwn };
  }
  return null;
}

function strongestFirst(a: CascadeSignal, b: CascadeSignal): number {
  const rank = (signal: CascadeSignal) => Number(signal.severity === "critical");
  return rank(b) - rank(a) || (b.z ?? 0) - (a.z ?? 0) || b.at - a.at || (a.signalId < b.signalId ? -1 : 1);
}

async function wasDealtWith({ incidents }: CascadePorts, { incidentId }: KeptVerdict): Promise<boolean> {
  const incident = incidentId === null ? null : await incidents.load(incidentId);
  return incident !== null && (isOver(incident.status) || incident.standDown !== null);
}

function memberVerdict(cascade: Cascade, signal: Signal): Verdict {
  const reasons = edgesOf(cascade.signals, cascade.windowMs)
    .filter(({ from, to }) => from === signal.agentId || to === signal.agentId)
    .map(({ from, to, why }) => `${why}, with ${from === signal.agentId ? to : from}`);
  const belonging = [...new Set(reasons)].slice(0, 5).join("; ");
  return {
    signal: {
      ...signal,
      id: signalId(signal.kind, signal.agentId, `cascade ${cascade.id}`),
      severity: "critical",
      why: {
        ...signal.why,
        sentence: `${signal.why.sentence.replace(/\.$/, "")}. Part of cascade ${cascade.id}: ${belonging}`,
      },
    },
    tier: "auto-contain",
    decidedBy: `cascade: agents that signalled within ${cascade.windowMs / 1000} s and belong together (${belonging})`,
    cascadeId: cascade.id,
  };
}

/** P4: who is in it by association alone is frozen up to the cap; those first whose signal is the stronger. */
async function withinCap({ fleet, settings }: CascadePorts, candidates: readonly Candidate[]): Promise<Set<string>> {
  const idsOf = (some: readonly Candidate[]) => some.map(({ verdict }) => verdict.signal.agentId);
  if (isDryRun(settings, cascadeFailure.name)) return new Set(idsOf(candidates));
  const byAssociation = idsOf(candidates.filter(({ onItsOwn }) => !onItsOwn)).sort();
  const limit = automaticFreezeLimit(settings.fleet);
  const { granted } = await fleet.reserve(byAssociation, { limit, unlimited: false });
  return new Set([...idsOf(candidates.filter(({ onItsOwn }) => onItsOwn)), ...granted]);
}

async function contain({ verdicts, dispatch }: CascadePorts, verdict: Verdict): Promise<void> {
  const { agentId, id } = verdict.signal;
  await verdicts.keep(verdict);
  await dispatch.add("freeze", agentId, `freeze-${id}`, { eventId: null, agentId, signalId: id });
}

const approvalOf = ({ id }: Cascade): string => `freezes-${id}`;

async function askForTheRest(ports: CascadePorts, cascade: Cascade, rest: readonly Candidate[]): Promise<void> {
  if (rest.length === 0) return;
  const id = approvalOf(cascade);
  const what = `Cascade ${cascade.id} reaches further than automation may freeze in an hour`;
  const verdicts = rest.map(({ verdict }) => verdict);
  await ports.fleet.ask({ id, kind: "freezes", what, cascadeId: cascade.id, verdicts });
  const page = { agentId: rest[0]!.verdict.signal.agentId, incidentId: null, signalId: null, kind: "page" } as const;
  const data = { ...page, what: "freezes-waiting", approvalId: id } as const;
  await ports.dispatch.add("notification", page.agentId, `page-${id}-${verdicts[0]!.signal.id}`, data);
}

/** Once per cascade, however many join: the ids are its own. */
async function announce({ dispatch }: CascadePorts, { id, signals }: Cascade): Promise<void> {
  const delay = { delayMs: ANNOUNCE_AFTER_MS };
  const agentId = signals[0]!.agentId;
  const data = { agentId, incidentId: null, signalId: null, what: "cascade", cascadeId: id } as const;
  await Promise.all([
    dispatch.add("notification", agentId, `page-${id}`, { ...data, kind: "page" }, delay),
    dispatch.add("notification", agentId, `publish-${id}`, { ...data, kind: "publish" }, delay),
    dispatch.add("forensics", agentId, `evidence-${id}`, { cascadeId: id }, delay),
  ]);
}
