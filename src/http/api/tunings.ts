import { z } from "zod";
import { readCursor } from "../../incident/page.ts";
import { presentTuning, type Tunings } from "../../incident/tuning.ts";
import { person } from "../../incident/who-and-why.ts";
import { orderTuning, type Verb } from "../../learn/tuning/order-tuning.ts";
import type { LearnPorts } from "../../learn/tuning/tuning.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { after, limitOf, next } from "./shapes/page.ts";
import { tuningShape } from "./shapes/tuning.ts";

export interface TuningsApiPorts extends Pick<LearnPorts, "incidents" | "log"> {
  tunings: Tunings;
}

const params = z.object({ id: z.string() });
const unknown = { kind: "no-such-tuning", detail: "There is no tuning of this id." } as const;

/** /api/tunings (F6): what incidents taught about thresholds, newest first, and what a person decides on it. */
export const tuningEndpoints: readonly Endpoint<TuningsApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/tunings",
    id: "listTunings",
    tag: "tunings",
    summary: "What incidents taught about thresholds, newest first",
    role: "viewer",
    query: z.strictObject({ limit: limitOf(200, 200), after }),
    answers: { 200: { what: "a page of them", body: z.object({ tunings: z.array(tuningShape), next }) } },
    async act({ tunings }: TuningsApiPorts, { query }) {
      const { rows, next } = await tunings.page({ limit: query.limit, after: readCursor(query.after) });
      return reply(200, { tunings: rows.map(presentTuning), next });
    },
  }),
  endpoint({
    method: "get",
    path: "/api/tunings/{id}",
    id: "showTuning",
    tag: "tunings",
    summary: "One of them",
    role: "viewer",
    params,
    unknown,
    answers: { 200: { what: "the tuning", body: tuningShape } },
    async act({ tunings }: TuningsApiPorts, { params }) {
      const found = await tunings.load(params.id);
      return found && reply(200, presentTuning(found));
    },
  }),
  decision("approve", "Put it in force in place of what the settings file says"),
  decision("reject", "Leave the threshold as it is"),
  decision("withdraw", "Take back one that is in force"),
];

function decision(verb: Verb, summary: string): Endpoint<TuningsApiPorts> {
  return endpoint({
    method: "post",
    path: `/api/tunings/{id}/${verb}`,
    id: `${verb}Tuning`,
    tag: "tunings",
    summary,
    role: "admin",
    params,
    body: z.strictObject({ by: person.by, reason: person.reason }),
    says: "Say who decides, and why.",
    unknown,
    answers: { 200: { what: "the tuning as it is now", body: tuningShape } },
    async act(ports: TuningsApiPorts, { params, body }) {
      return reply(200, presentTuning(await orderTuning(ports, params.id, verb, body)));
    },
  });
}
