import { byHandIn } from "../../incident/by-hand.ts";
import type { CascadeView } from "../../incident/cascade-view.ts";
import { sumDollars } from "../../incident/dollars.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { money } from "../../incident/money.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { planOf } from "../../runbooks/plan.ts";
import { type Parts, toolsTold, toolUseTold } from "./evidence.ts";
import { count, someOf } from "./in-words.ts";
import { stepName } from "./step-words.ts";

type Affected = PostMortem["affected"];

/** Beyond these only their number is told. */
const MOST_COUNTERPARTIES = 50;

/** F4: data, tools, systems, agents and counterparties that the incident touched, as far as anybody could see. */
export function affectedBy(incident: IncidentView, parts: Parts, cascade: CascadeView | null): Affected {
  const all = counterpartiesOf(incident);
  return {
    data: dataOf(incident, parts),
    tools: toolsOf(incident, parts),
    systems: systemsOf(incident),
    agents: agentsOf(incident, cascade),
    counterparties: all.slice(0, MOST_COUNTERPARTIES),
    counterpartiesLeftOut: Math.max(0, all.length - MOST_COUNTERPARTIES),
  };
}

/** What went out, tool by tool. Which records it was no event says: the bodies are in the evidence. */
function dataOf({ signals }: IncidentView, parts: Parts): string[] {
  const use = toolUseTold(parts);
  if (!signals.some(({ kind }) => kind === "data-exfiltration")) return [];
  if (use === undefined) return ["What left is not known: the agent's tool calls could not be read."];
  const out = use.filter(({ bodyBytes }) => bodyBytes > 0);
  return [
    ...out.map(
      ({ tool, calls, bodyBytes, largestBodyBytes }) =>
        `${tool} sent out ${bytes(bodyBytes)} in ${count(calls, "call")}, the largest ${bytes(largestBodyBytes)}.`,
    ),
    "What was in it stands in the evidence of this incident, in the events as they were received.",
  ];
}

const bytes = (n: number): string => `${n.toLocaleString("en-US")} bytes`;

function toolsOf({ signals }: IncidentView, parts: Parts): string[] {
  const use = toolUseTold(parts);
  if (use && use.length > 0)
    return use.map(({ tool, calls }) => `${tool}: ${count(calls, "call")} in the 24 hours before`);
  const used = toolsTold(parts);
  const atFault = signals.map(({ why }) => why.observed.tool).filter((tool) => typeof tool === "string");
  const names = [...new Set([...atFault, ...used])];
  return names.length === 0 ? [] : [`Called in the hour before: ${someOf(names)}.`];
}

function systemsOf(incident: IncidentView): string[] {
  const { budget } = planOf(incident);
  const done = new Set(
    incident.steps.filter((one) => one.status === "done" && byHandIn(one).length === 0).map(({ step }) => step),
  );
  const platform = ["revoke-tools", "isolate-network", "pause-agent", "rotate-credentials", "restrict-to-read-only"];
  const asked = platform.filter((step) => done.has(step)).map((step) => stepName(step).toLowerCase());
  return [
    ...(budget === "leave" || incident.dryRun
      ? []
      : [`The GreenHelix account of ${incident.agentId}: its budget and its escrows.`]),
    ...(incident.walletFrozenAt === null
      ? []
      : [`The wallet of ${incident.agentId}, frozen for everybody who shares it.`]),
    ...(asked.length > 0 ? [`The platform that runs the agents: ${someOf(asked)}.`] : []),
  ];
}

function agentsOf({ agentId, steps }: IncidentView, cascade: CascadeView | null): string[] {
  const similar = steps.find(({ step }) => step === "restrict-similar")?.result?.restricted;
  const restricted = (Array.isArray(similar) ? similar : []).map((one) => `${one.agentId}, restricted (${one.why})`);
  const members = (cascade?.members ?? [])
    .filter((member) => member.agentId !== agentId)
    .map((member) => `${member.agentId}, of the same cascade`);
  return [agentId, ...members, ...restricted];
}

/** Largest amount first. */
function counterpartiesOf({ escrows }: IncidentView): Affected["counterparties"] {
  const counted = escrows.filter(({ result }) => result !== "skipped");
  return [...Map.groupBy(counted, ({ payee }) => payee)]
    .map(([payee, rows]) => ({ payee: payee || "not known", escrows: rows.length, ...sumDollars(rows) }))
    .sort(
      (a, b) =>
        Number(money(b.locked) > money(a.locked)) - Number(money(a.locked) > money(b.locked)) ||
        a.payee.localeCompare(b.payee),
    );
}
