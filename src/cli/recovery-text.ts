import type { Cascades } from "../incident/cascade.ts";
import { type CascadeViewPorts, viewCascade } from "../incident/cascade-view.ts";
import type { IncidentView } from "../incident/incident.ts";
import { type NextStep, type PresentedRecovery, presentRecovery } from "../incident/present-recovery.ts";
import type { RecoveryState } from "../incident/recovery-state.ts";
import { recoveryOrder } from "../recover/order.ts";
import { waitedFor } from "../runbooks/left-to-do.ts";

/** How an incident is on its way back, as an engineer reads it: what stands, what comes next and when, what is missing. */
export function recoveryLines(incident: IncidentView): string[] {
  const recovery = presentRecovery(incident);
  const superseded =
    incident.supersededBy === null ? [] : [`superseded  by ${incident.supersededBy}: new trouble, not mended`];
  if (!recovery) return superseded;
  const { by, askedAt, rootCause, fix, gates, next, stepBacks, waitsFor, stopped } = recovery;
  const passed = gates.passed.map(({ gate, at }) => `${gate} ${at}`);
  const missing = gates.missing.map((gate) => `${gate} not yet`);
  return [
    `recovery    ${headline(recovery)}, asked for by ${by} at ${askedAt}`,
    `root cause  ${rootCause}`,
    `fix         ${fix}`,
    `gates       ${[...passed, ...missing].join(", ")}`,
    ...recovery.rungs.map((rung) => `rung        ${rung.percent} %  ${caps(rung)}  ${rung.status}`),
    ...(next === null ? [] : [`next        ${nextText(next, waitsFor)}`]),
    ...(stepBacks > 0
      ? [`step backs  ${stepBacks}: the caps went a rung down because of a warning, or because somebody raised them`]
      : []),
    ...waitedFor(incident).map(
      ({ agentId, id }) =>
        `waits for   ${agentId === id ? id : `${agentId} (${id})`}: it comes before, and somebody has to ask for its recovery too`,
    ),
    ...(stopped === null ? [] : [`stopped     ${stops[stopped]}`]),
    ...superseded,
  ];
}

const stops: Readonly<Record<NonNullable<PresentedRecovery["stopped"]>, string>> = {
  relapsed:
    "a warning at the first rung, or caps that somebody raised: the agent is being contained anew; in observe-only mode it is left to you",
  "caps-lowered": "somebody lowered the caps: no further rung is taken until they are those of the rung again",
};

function headline({ stage, percent, rungAt }: PresentedRecovery): string {
  if (stage === "asked") return "gates are being looked at, the agent is still held";
  if (stage !== "recovering") return stage;
  return percent === null ? "let go of, the first rung is being raised" : `${percent} % of its caps since ${rungAt}`;
}

function nextText(next: NextStep, waitsFor: readonly string[]): string {
  const soonest = waitsFor.length === 0 ? "now" : "once those it waits for have their first rung";
  const when = next.at === null ? soonest : `at ${next.at}`;
  if (next.what === "gate") return `gate ${next.gate}, ${when}`;
  if (next.what === "end") return `watched as on other days, and resolved, ${when} if no warning comes`;
  return `${next.percent} % ${when} if no warning comes: ${caps(next)}`;
}

const caps = ({ dailyCap, monthlyCap }: { dailyCap: string | null; monthlyCap: string | null }): string =>
  `daily ${dailyCap ?? "none"}, monthly ${monthlyCap ?? "none"}`;

/** The status in a list: how much of its caps a recovering agent has. */
export function statusText({ status, recovery }: IncidentView): string {
  const percent = recovery?.rungs[recovery.rung ?? -1]?.percent;
  return status === "recovering" ? `recovering ${percent ?? 0} %` : status;
}

/** In which order the agents of its cascade recover (R4), and how far each has got; nothing for an incident of no cascade. */
export async function orderLines(
  ports: CascadeViewPorts & { cascades: Pick<Cascades, "load"> },
  { cascadeId }: IncidentView,
): Promise<string[]> {
  const cascade = cascadeId === null ? null : await ports.cascades.load(cascadeId);
  if (!cascade) return [];
  const view = await viewCascade(ports, cascade);
  return recoveryOrder(view).map(({ agentId, after }, place) => {
    const member = view.members.find((one) => one.agentId === agentId);
    const first = after.length === 0 ? "root cause" : `after ${after.join(", ")}`;
    return `${place === 0 ? "recover in " : "           "} ${place + 1}. ${agentId}  ${standing(member?.recovery ?? null)}  ${first}`;
  });
}

function standing(state: RecoveryState | null): string {
  if (state === null) return "not contained";
  if (state.stage === "none") return "nobody asked yet";
  return state.percent === null ? state.stage : `${state.stage} ${state.percent} %`;
}
