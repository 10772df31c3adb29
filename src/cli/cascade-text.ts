import type { CascadeView } from "../incident/cascade-view.ts";
import { recoveryOrder } from "../recover/order.ts";
import { riskText } from "./risk-text.ts";
import { textTable } from "./text-table.ts";

/** One line a cascade, for a terminal. */
export function cascadeTable(views: readonly CascadeView[]): string {
  if (views.length === 0) return "no cascades";
  const rows = views.map(({ id, status, members, rootCause, dollars, openedAt }) => [
    id,
    status,
    String(members.length),
    rootCause.agentId,
    dollars.locked,
    dollars.recovered,
    dollars.lost,
    iso(openedAt),
  ]);
  return textTable([["ID", "STATUS", "AGENTS", "ROOT CAUSE", "LOCKED", "RECOVERED", "LOST", "OPENED"], ...rows]);
}

/** One cascade: where it began, who belongs to it and why, how much, and in which order its agents recover (R4). */
export function cascadeLines(view: CascadeView): string {
  const { id, status, since, closedAt, rootCause, members, edges, dollars } = view;
  const agents = members.map(({ agentId, incidentId, status: state, standing, signals }) => [
    `  ${agentId}`,
    incidentId ?? (standing === "waiting" ? "waits for your word" : "no incident"),
    state ?? "",
    [...new Set(signals.map(({ kind }) => kind))].join(", "),
  ]);
  const order = recoveryOrder(view).map(
    ({ agentId, after }, place) => `  ${place + 1}. ${agentId}${after.length > 0 ? `, after ${after.join(", ")}` : ""}`,
  );
  return [
    `${id}  ${status}${closedAt === null ? "" : ` since ${iso(closedAt)}`}`,
    `began       ${iso(since)}`,
    `root cause  ${rootCause.agentId}: ${rootCause.why}`,
    `money       locked ${dollars.locked}, recovered ${dollars.recovered}, lost ${dollars.lost}`,
    `at risk     ${riskText(dollars)}`,
    "agents",
    textTable(agents),
    "together by",
    ...edges.map(({ from, to, why }) => `  ${from} and ${to}: ${why}`),
    "recover in this order",
    ...order,
  ].join("\n");
}

const iso = (at: number): string => new Date(at).toISOString();
