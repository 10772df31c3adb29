import { z } from "zod";
import { readCursor } from "../../incident/page.ts";
import { type ByUrgencyPorts, pageByUrgency } from "../../incident/page-by-urgency.ts";
import type { Incidents } from "../../incident/ports.ts";
import { presentIncident } from "../../incident/present.ts";
import { sumUp } from "../../incident/sum-up.ts";
import { presentSummary } from "../../incident/summary.ts";
import type { Notifiers } from "../../notify/notifiers/index.ts";
import { type CapsToGiveBackPorts, capsToGiveBack } from "../../recover/caps-to-give-back.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { incidentParams as params, noSuchIncident as unknown } from "./incident-id.ts";
import { evidenceShape, incidentShape, priority, status } from "./shapes/incident.ts";
import { after, limitOf, next } from "./shapes/page.ts";
import { overviewShape, summaryShape } from "./shapes/summary.ts";
import { timeSaid } from "./shapes/time.ts";

export interface IncidentsApiPorts extends ByUrgencyPorts, CapsToGiveBackPorts {
  incidents: Pick<Incidents, "page" | "view" | "load" | "evidence" | "receipts">;
  notifiers: Pick<Notifiers, "configured">;
}

const oneOf = <const T extends readonly [string, ...string[]] | string[]>(names: T) =>
  z.enum(names, `must be one of ${names.join(", ")}`);
const statusSaid = oneOf([...status.options, "open", "over"]);
const order = oneOf(["newest", "urgency"]).default("newest").meta({
  description:
    "urgency: what bleeds, what is still being taken hold of, whatever else is open, each by priority; then what is over",
});
const read = { method: "get", tag: "incidents", role: "viewer" } as const;

/** /api/incidents: list, one, and what was preserved of it. */
export const incidentEndpoints: readonly Endpoint<IncidentsApiPorts>[] = [
  endpoint({
    ...read,
    path: "/api/incidents",
    id: "listIncidents",
    summary: "Incidents in one line each",
    query: z.strictObject({
      status: statusSaid.optional().meta({ description: "open: not over yet" }),
      priority: oneOf(priority.options).optional(),
      agent: z.string().min(1, "must be an agent's id").max(200, "must be at most 200 characters").optional(),
      since: timeSaid.optional().meta({ description: "opened then or later" }),
      ...{ order, limit: limitOf(500, 50), after },
    }),
    answers: { 200: { what: "a page of them", body: z.object({ incidents: z.array(summaryShape), next }) } },
    async act(ports: IncidentsApiPorts, { query: { after, order, ...filter } }) {
      const which = { ...filter, after: readCursor(after) };
      const page = order === "urgency" ? await pageByUrgency(ports, which) : await ports.incidents.page(which);
      return reply(200, { incidents: page.rows.map(presentSummary), next: page.next });
    },
  }),
  endpoint({
    ...read,
    path: "/api/overview",
    id: "showOverview",
    summary: "All that is open in one look: how many, what bleeds, what is at risk, how many nobody has",
    answers: { 200: { what: "the sum of all open incidents", body: overviewShape } },
    act: async ({ openIncidents }: IncidentsApiPorts) => reply(200, sumUp(await openIncidents())),
  }),
  endpoint({
    ...read,
    path: "/api/incidents/{id}",
    id: "showIncident",
    summary: "One incident: what happened, what was done, what is left",
    params,
    unknown,
    answers: { 200: { what: "the incident", body: incidentShape } },
    async act(ports: IncidentsApiPorts, { params }) {
      const view = await ports.incidents.view(params.id);
      if (!view) return null;
      const caps = await capsToGiveBack(ports, view);
      return reply(200, { ...presentIncident(view, ports.notifiers.configured), caps });
    },
  }),
  endpoint({
    ...read,
    path: "/api/incidents/{id}/evidence",
    id: "showEvidence",
    summary: "What was preserved at containment and when the window closed",
    params,
    unknown,
    answers: { 200: { what: "by part; empty until the forensics worker was there", body: evidenceShape } },
    async act({ incidents }: IncidentsApiPorts, { params }) {
      if (!(await incidents.load(params.id))) return null;
      return reply(200, (await incidents.evidence(params.id)) as z.input<typeof evidenceShape>);
    },
  }),
];
