import type { Cascades } from "../incident/cascade.ts";
import { type CascadeView, type CascadeViewPorts, rootIncidentOf, viewCascade } from "../incident/cascade-view.ts";
import type { Approval, Fleet } from "../incident/fleet.ts";
import type { About } from "../incident/jobs.ts";
import { runbookNamed } from "../runbooks/index.ts";
import { type Draft, takeOn } from "./page.ts";

export interface FleetPagePorts extends CascadeViewPorts {
  cascades: Pick<Cascades, "load">;
  fleet: Pick<Fleet, "approvals">;
}

/**
 * A page that is about more than one agent: a cascade, or something that waits for a person's word. Null: it is gone, or a cascade
 * of which only one incident ended is not over.
 */
export async function fleetPage(
  ports: FleetPagePorts,
  job: Pick<About, "what" | "cascadeId" | "approvalId" | "answered">,
): Promise<Draft | null> {
  if (job.approvalId !== undefined) {
    if (job.answered) return pageForAnswer(job.approvalId, job.answered);
    const asked = (await ports.fleet.approvals()).find(({ id }) => id === job.approvalId);
    return asked ? pageForApproval(asked) : null;
  }
  const cascade = job.cascadeId === undefined ? null : await ports.cascades.load(job.cascadeId);
  if (!cascade) return null;
  const view = await viewCascade(ports, cascade);
  if (job.what === "cascade-over" && view.status === "open") return null;
  const page = pageForCascade(view, job.what);
  const title = since[job.what];
  return title === undefined ? page : { ...page, title: `${title}: the cascade of ${view.members.length} agents` };
}

/** What became of a cascade that people were told of. */
const since: Readonly<Record<string, string>> = { "cascade-over": "Over", "cascade-acknowledged": "Taken on" };

const MOST_LINES = 50;

/** Whoever hears that it is taken on, or over, is not asked to take it on; and of one that is over nothing is left to do here. */
export function pageForCascade(view: CascadeView, what = "cascade"): Draft {
  const waiting = view.members.filter(({ standing }) => standing === "waiting").length;
  const dry = view.members.some(({ status }) => status === "observed") ? "Dry run, nothing was done. " : "";
  return {
    dedupKey: view.id,
    priority: "P0",
    title: `${dry}Cascade of ${view.members.length} agents, root cause ${view.rootCause.agentId}${waiting > 0 ? `; ${waiting} wait for approval` : ""}`,
    lines: [
      `Root cause: ${view.rootCause.agentId}, ${view.rootCause.why}`,
      ...view.members
        .slice(0, MOST_LINES)
        .map(({ agentId, signals, standing, incidentId }) =>
          [
            `Member: ${agentId}`,
            signals.map(({ kind }) => kind).join(", "),
            standing,
            incidentId ?? "no incident yet",
          ].join(", "),
        ),
      ...view.edges.slice(0, MOST_LINES).map(({ from, to, why }) => `Together: ${from} and ${to}, ${why}`),
      `Money: locked ${view.dollars.locked}, recovered ${view.dollars.recovered}, lost ${view.dollars.lost}`,
      ...(what === "cascade-over" ? [] : [`Left to do: ${runbookNamed("cascade-failure").followUp.join("; ")}`]),
      ...(dry === "" && what === "cascade" ? [takeOn(view.id, `/api/cascades/${view.id}/acknowledge`)] : []),
      `Cascade: ${view.id}`,
    ],
  };
}

/** One alert a question: the next one rings although the one before was never closed. */
const keyOf = (id: string, askedAt: number) => `${id}-${askedAt}`;

function pageForAnswer(id: string, { askedAt, said, by }: NonNullable<About["answered"]>): Draft {
  return {
    dedupKey: keyOf(id, askedAt),
    priority: "P0",
    title: `${by} said ${said}: ${id === "shutdown" ? "shut the whole fleet down" : "freeze those that waited"}`,
    lines: ["Nothing waits under this question any more", "See the fleet: npx tourniquet fleet status"],
  };
}

function pageForApproval({ id, kind, what, askedAt, verdicts }: Approval): Draft {
  const agents = verdicts.map(({ signal }) => signal.agentId);
  return {
    dedupKey: keyOf(id, askedAt),
    priority: "P0",
    title:
      kind === "shutdown" ? "Shut the whole fleet down? It waits for you" : `${agents.length} freezes wait for you`,
    lines: [
      what,
      ...(agents.length > 0 ? [`Not frozen until you say so: ${agents.slice(0, MOST_LINES).join(", ")}`] : []),
      `Yes: npx tourniquet fleet approve ${id} --by NAME --reason TEXT`,
      `No: npx tourniquet fleet decline ${id} --by NAME --reason TEXT`,
    ],
  };
}

/** What the gateway's bus is told of a cascade, for its root cause. Everybody reads it: ids and counts, no names of others. */
export function cascadeAnnouncement(view: CascadeView): { eventType: string; payload: Record<string, unknown> } {
  return {
    eventType: "cascade_failure",
    payload: {
      cascade_id: view.id,
      root_cause_incident: rootIncidentOf(view),
      total_agents_affected: view.members.length,
      contained: view.members.filter(({ status }) => status === "contained").length,
      opened_at: new Date(view.openedAt).toISOString(),
    },
  };
}
