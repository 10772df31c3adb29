import { z } from "zod";
import { addSilence, endSilence, type OrderSilencePorts, silenceOrder } from "../../detect/order-silence.ts";
import { rolesFor } from "../../incident/credentials.ts";
import { presentSilence, type Silences } from "../../incident/silence.ts";
import { person } from "../../incident/who-and-why.ts";
import type { Settings } from "../../settings/settings.ts";
import { tooLittle } from "../auth/refusals.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { silenceShape } from "./shapes/silence.ts";

export interface SilencesApiPorts extends OrderSilencePorts {
  silences: Silences;
  settings: Pick<Settings, "silences">;
}

/** /api/silences (P6): those of the settings file and those made while the product runs, and what each held back. */
export const silenceEndpoints: readonly Endpoint<SilencesApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/silences",
    id: "listSilences",
    tag: "silences",
    summary: "What holds back alerts, for how long, and how much it held back",
    description:
      "Those that ended within a day are among them. There are never more than some hundred, so this has no pages.",
    role: "viewer",
    answers: { 200: { what: "all of them", body: z.object({ silences: z.array(silenceShape) }) } },
    async act({ silences, settings }: SilencesApiPorts) {
      return reply(200, { silences: (await silences.list(settings.silences)).map(presentSilence) });
    },
  }),
  endpoint({
    method: "post",
    path: "/api/silences",
    id: "addSilence",
    tag: "silences",
    summary: "Hold back alerts until a time",
    description: "`holdsContainment` lets critical signals go unanswered too, and needs an admin.",
    role: "responder",
    body: silenceOrder,
    answers: { 201: { what: "the silence", body: silenceShape } },
    async act(ports: SilencesApiPorts, { body, caller }) {
      // To let a critical signal go unanswered is more than a responder may decide.
      if (body.holdsContainment === true && !rolesFor("admin").includes(caller.role))
        return { problem: tooLittle(caller.role, ["admin"]) };
      return reply(201, presentSilence(await addSilence(ports, body)));
    },
  }),
  endpoint({
    method: "delete",
    path: "/api/silences/{id}",
    id: "endSilence",
    tag: "silences",
    summary: "End it now",
    role: "responder",
    params: z.object({ id: z.string() }),
    body: z.strictObject({ by: person.by }),
    says: "Say who ends it.",
    answers: { 204: { what: "it has ended" } },
    async act(ports: SilencesApiPorts, { params, body }) {
      await endSilence(ports, params.id, body.by);
      return reply(204);
    },
  }),
];
