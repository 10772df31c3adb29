import type { Incidents } from "../../incident/ports.ts";
import { type SpendPorts, spendSeries } from "../../learn/spend.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { incidentParams as params, noSuchIncident as unknown } from "./incident-id.ts";
import { spendShape } from "./shapes/spend.ts";

export interface SpendApiPorts extends SpendPorts {
  incidents: Pick<Incidents, "view" | "evidence">;
}

/** /api/incidents/{id}/spend (O3): what an incident is about, to be drawn; from the evidence once the windows have run out. */
export const spendEndpoints: readonly Endpoint<SpendApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/incidents/{id}/spend",
    id: "showSpend",
    tag: "incidents",
    summary: "What the agent spent around it, against its baseline and the thresholds that applied",
    role: "viewer",
    params,
    unknown,
    answers: { 200: { what: "the series", body: spendShape } },
    async act(ports: SpendApiPorts, { params }) {
      const series = await spendSeries(ports, params.id);
      return series && reply(200, series);
    },
  }),
];
