import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import type { CapsSaid } from "../incident/snapshot.ts";
import type { TwoCaps } from "../runbooks/caps-to-restore.ts";
import { advance, followUp } from "./advance.ts";
import { judgeSaid } from "./caps-from-before.ts";
import { type GateAnswer, identityAndReputation } from "./gates.ts";
import { waitingFor } from "./order.ts";
import type { RecoverPorts } from "./ports.ts";
import { needsNamedCaps, rampOf, untouched } from "./ramp.ts";
import { capsKept } from "./said-caps.ts";
import { capsBefore, halvedTo, takenBy } from "./taken.ts";

/** waiting: for others of its cascade (R4). refused: a gate did not pass, it stays contained. changed: somebody else was faster. */
export type BeginAnswer = "waiting" | "refused" | "begun" | "changed";

/** While contained: the gates before the hold is lifted, and the lifting (R1). The amounts of every rung are computed here, once. */
export async function beginRecovery(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<{ answer: BeginAnswer }> {
  if (recovery.isRefused) {
    // Whoever refused it died before people were told.
    const told = await followUp(ports, incident, recovery);
    if (told) await ports.recoveries.withdraw(incident.id, told);
    return { answer: "refused" };
  }
  const waitsFor = await waitingFor(ports, incident);
  if (waitsFor.length > 0) return wait(ports, incident, recovery, waitsFor);
  const joined = (await ports.incidents.signals(incident.id)).length;
  const looked =
    (await newTrouble(ports, incident, recovery)) ?? (await identityAndReputation(ports, incident, recovery, abort));
  // The gateway takes its time: what joined meanwhile may be contained again by now.
  const gate = looked.passed ? ((await newTrouble(ports, incident, recovery)) ?? looked) : looked;
  const planned = await planRamp(ports, incident, recovery);
  if (!gate.passed) return refuse(ports, incident, recovery, gate.gate, gate.reason, gate.found);
  if ("impossible" in planned) return refuse(ports, incident, recovery, "conservative-budget", planned.impossible, {});
  const now = await ports.clock.now();
  const begun: KeptRecovery = {
    ...recovery,
    ...planned.ramp,
    gates: { ...recovery.gates, [gate.gate]: { at: now, found: gate.found } },
    ...{ begunAt: now, dueAt: null, waitsFor: [], pending: 0 },
    normalAfterMs: ports.settings.recovery.normalAfterMs,
    lookEveryMs: ports.settings.recovery.lookEveryMs,
  };
  const percents = begun.raisesCaps ? begun.rungs.map(({ percent }) => percent) : [];
  const detail = { gate: gate.gate, passed: true, found: gate.found, percents };
  const isBegun = await ports.recoveries.begin(
    incident.id,
    recovery,
    begun,
    { what: "recovery-begun", detail },
    { joined, said: planned.said },
  );
  return { answer: isBegun ? "begun" : "changed" };
}

async function wait(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  waitsFor: readonly string[],
): Promise<{ answer: "waiting" }> {
  const isNews = waitsFor.join() !== recovery.waitsFor.join();
  if (!isNews) return { answer: "waiting" };
  // People know agents, not the ids of incidents.
  const agents = await Promise.all(waitsFor.map(async (id) => (await ports.incidents.load(id))?.agentId ?? id));
  await advance(ports, incident, recovery, { waitsFor }, { what: "recovery-waits", detail: { for: waitsFor, agents } });
  return { answer: "waiting" };
}

/** A root cause was said, and then something joined: it was not the root of that, or it is not mended. */
async function newTrouble(
  { incidents }: RecoverPorts,
  { id }: Incident,
  { askedAt }: KeptRecovery,
): Promise<GateAnswer | null> {
  const joined = (await incidents.view(id))?.timeline.filter(
    ({ at, what }) => what === "signal-joined" && at >= askedAt,
  );
  if (!joined || joined.length === 0) return null;
  const found = { joinedSince: joined.map(({ detail }) => detail.signal) };
  return { gate: "root-cause", passed: false, reason: "new trouble joined after the root cause was said", found };
}

type Ramp = Pick<KeptRecovery, "rungs" | "raisesCaps">;
type Planned = { ramp: Ramp; said: CapsSaid | null } | { impossible: string };

/** What was said as it was asked for may not be missing any more, or be another's by now. */
async function planRamp(
  ports: RecoverPorts,
  incident: Incident,
  { namedCaps, saidCaps }: KeptRecovery,
): Promise<Planned> {
  const { rungs } = ports.settings.recovery;
  const { agentId } = incident;
  const known = await ports.caps.snapshot(agentId, incident.id);
  const budget = takenBy(incident, known);
  const agent = ports.fleetAgent(agentId);
  if (known === null && budget === "leave") return { ramp: { rungs: untouched(none), raisesCaps: false }, said: null };
  const on = judgeSaid({ agentId, agent, budget, known }, saidCaps ? capsKept(saidCaps) : undefined);
  if (on.answer === "refused") return { impossible: `${on.why} Ask again` };
  const said = on.answer === "keep" ? on.said : null;
  const before = said ?? capsBefore(known!, agent);
  const named = namedCaps && capsKept(namedCaps);
  // The settings may have changed since it was asked.
  if (needsNamedCaps({ budget, before, rungs }) && named === null)
    return { impossible: "both caps from before are none: ask again, and name what the steps are shares of" };
  const halved = budget === "halve" ? await halvedTo(ports, incident.id) : null;
  const ramp = rampOf({ budget, before, named, rungs, halvedTo: halved });
  return { ramp: ramp ? { rungs: ramp, raisesCaps: true } : { rungs: untouched(before), raisesCaps: false }, said };
}

const none: TwoCaps = { dailyCap: null, monthlyCap: null };

/** The agent stays contained and held. People are told, and then it is as if nobody had asked. */
async function refuse(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  gate: string,
  reason: string,
  found: Readonly<Record<string, unknown>>,
): Promise<{ answer: "refused" | "changed" }> {
  const page = refusedPage(incident, recovery);
  const detail = { gate, passed: false, reason, found, askedBy: recovery.by };
  const entry = { what: "recovery-refused", detail };
  const refused = await advance(ports, incident, recovery, { isRefused: true, page }, entry);
  if (!refused) return { answer: "changed" };
  await ports.recoveries.withdraw(incident.id, refused);
  return { answer: "refused" };
}

/** One for each time that somebody asked. */
export function refusedPage({ id }: Incident, { askedAt }: KeptRecovery): NonNullable<KeptRecovery["page"]> {
  return { jobId: `page-${id}-recovery-refused-${askedAt}`, what: "recovery-refused" };
}
