import { z } from "zod";
import { type Drills, presentDrillRun } from "../../incident/drills.ts";
import { readCursor } from "../../incident/page.ts";
import { person } from "../../incident/who-and-why.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { drillRunShape } from "./shapes/drill.ts";
import { after, limitOf, next } from "./shapes/page.ts";

export interface DrillsApiPorts {
  drills: Pick<Drills, "page" | "load">;
  drillRunner: {
    scenarios(): Promise<readonly { name: string; story: string }[]>;
    start(order: { scenario: string; by: string }): Promise<{ id: string; wanted: readonly string[] }>;
  };
}

const read = { method: "get", tag: "drills", role: "viewer" } as const;

/** /api/drills: what drills came to, and one more. A drill reaches nothing that is in earnest. */
export const drillEndpoints: readonly Endpoint<DrillsApiPorts>[] = [
  endpoint({
    ...read,
    path: "/api/drills",
    id: "listDrills",
    summary: "Runs of drills and what they came to, newest first",
    query: z.strictObject({ limit: limitOf(100, 20), after }),
    answers: { 200: { what: "a page of them", body: z.object({ drills: z.array(drillRunShape), next }) } },
    async act({ drills }: DrillsApiPorts, { query }) {
      const { rows, next } = await drills.page({ limit: query.limit, after: readCursor(query.after) });
      return reply(200, { drills: rows.map(presentDrillRun), next });
    },
  }),
  endpoint({
    ...read,
    path: "/api/drills/scenarios",
    id: "listScenarios",
    summary: "Which drills there are",
    answers: {
      200: {
        what: "all of them",
        body: z.object({ scenarios: z.array(z.object({ name: z.string(), story: z.string() })) }),
      },
    },
    async act({ drillRunner }: DrillsApiPorts) {
      const scenarios = await drillRunner.scenarios();
      return reply(200, { scenarios: scenarios.map(({ name, story }) => ({ name, story })) });
    },
  }),
  endpoint({
    ...read,
    path: "/api/drills/{id}",
    id: "showDrill",
    summary: "One run, also while it goes on",
    params: z.object({ id: z.string().regex(/^drill-\d{1,15}$/) }),
    unknown: { kind: "no-such-drill", detail: "There is no drill of this id, or it is long ago." },
    answers: { 200: { what: "the run", body: drillRunShape } },
    async act({ drills }: DrillsApiPorts, { params }) {
      const run = await drills.load(params.id);
      return run && reply(200, presentDrillRun(run));
    },
  }),
  endpoint({
    method: "post",
    path: "/api/drills",
    id: "runDrill",
    tag: "drills",
    summary: "Run a drill on this machine, one at a time over all processes of the product",
    description:
      "Against a product, a gateway and a Redis of its own. 409 while another runs, and where no redis-server is installed here.",
    role: "admin",
    body: z.strictObject({
      scenario: z
        .string("must be all, or the name of a drill")
        .min(1, "must be all, or the name of a drill")
        .max(100, "is the name of no drill"),
      by: person.by,
    }),
    says: "Say which drill to run, and who asks.",
    problems: [409],
    answers: { 202: { what: "begun", body: z.object({ id: z.string(), wanted: z.array(z.string()) }) } },
    async act({ drillRunner }: DrillsApiPorts, { body }) {
      const { id, wanted } = await drillRunner.start(body);
      return reply(202, { id, wanted: [...wanted] });
    },
  }),
];
