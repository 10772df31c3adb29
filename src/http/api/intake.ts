import type { Inbox } from "../../incident/inbox.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { intakeShape } from "./shapes/intake.ts";

export interface IntakeApiPorts {
  inbox: Pick<Inbox, "stats">;
}

/** /api/intake: the accounting of G2, accepted = dispositions + pending. */
export const intakeEndpoints: readonly Endpoint<IntakeApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/intake",
    id: "showIntake",
    tag: "intake",
    summary: "What came in and what became of it",
    role: "viewer",
    openHere: true,
    answers: { 200: { what: "the accounting", body: intakeShape } },
    act: async ({ inbox }: IntakeApiPorts) => reply(200, await inbox.stats()),
  }),
];
