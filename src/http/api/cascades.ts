import { z } from "zod";
import type { Cascades } from "../../incident/cascade.ts";
import { type CascadeView, viewCascade } from "../../incident/cascade-view.ts";
import { readCursor } from "../../incident/page.ts";
import type { Log } from "../../incident/ports.ts";
import { presentCascade } from "../../incident/present-verdict.ts";
import { person } from "../../incident/who-and-why.ts";
import { type AcknowledgePorts, acknowledgeCascade } from "../../notify/acknowledge.ts";
import { recoveryOrder } from "../../recover/order.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { presentAcknowledged } from "./present-acknowledged.ts";
import { cascadeShape } from "./shapes/cascade.ts";
import { cascadeAcknowledgedShape } from "./shapes/order.ts";
import { after, limitOf, next } from "./shapes/page.ts";

export interface CascadesApiPorts extends AcknowledgePorts {
  cascades: Pick<Cascades, "page" | "load">;
  log: Log;
}

const read = { method: "get", tag: "cascades", role: "viewer" } as const;
const params = z.object({
  id: z
    .string()
    .regex(/^cas-\d{1,15}$/)
    .meta({ example: "cas-3" }),
});
const unknown = { kind: "no-such-cascade", detail: "There is no cascade of this id." } as const;

const present = (view: CascadeView) => ({ ...presentCascade(view), recoveryOrder: recoveryOrder(view) });

/** /api/cascades (RB5): which agents belong together and why, where it began, the dollars of all of them, and in which order they recover (R4). */
export const cascadeEndpoints: readonly Endpoint<CascadesApiPorts>[] = [
  endpoint({
    ...read,
    path: "/api/cascades",
    id: "listCascades",
    summary: "Troubles of several agents that belong together, newest first",
    query: z.strictObject({ limit: limitOf(100, 20), after }),
    answers: { 200: { what: "a page of them", body: z.object({ cascades: z.array(cascadeShape), next }) } },
    async act(ports: CascadesApiPorts, { query }) {
      const { rows, next } = await ports.cascades.page({ limit: query.limit, after: readCursor(query.after) });
      const views = await Promise.all(rows.map((cascade) => viewCascade(ports, cascade)));
      return reply(200, { cascades: views.map(present), next });
    },
  }),
  endpoint({
    ...read,
    path: "/api/cascades/{id}",
    id: "showCascade",
    summary: "One of them: who, why together, where it began, in which order they recover",
    params,
    unknown,
    answers: {
      200: { what: "the cascade; one that was merged into another is answered as that other", body: cascadeShape },
    },
    async act(ports: CascadesApiPorts, { params }) {
      const cascade = await ports.cascades.load(params.id);
      return cascade && reply(200, present(await viewCascade(ports, cascade)));
    },
  }),
  endpoint({
    method: "post",
    path: "/api/cascades/{id}/acknowledge",
    id: "acknowledgeCascade",
    tag: "cascades",
    summary: "Take on every open incident of it: nobody else is woken",
    role: "responder",
    params,
    unknown,
    body: z.strictObject({ by: person.by }),
    says: "Say who takes it on.",
    answers: { 200: { what: "who has each of them", body: cascadeAcknowledgedShape } },
    async act(ports: CascadesApiPorts, { params, body: { by } }) {
      const { cascadeId, incidents } = await acknowledgeCascade(ports, params.id, by);
      ports.log.info({ cascadeId, by, incidents: incidents.length }, "cascade.acknowledged");
      return reply(200, { cascadeId, incidents: incidents.map(presentAcknowledged) });
    },
  }),
];
