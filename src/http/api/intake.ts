import { z } from "zod";
import type { Inbox } from "../../incident/inbox.ts";
import { iso } from "../../incident/iso.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { intakeShape, quarantinedShape } from "./shapes/intake.ts";
import { limitOf, next, numberAfter } from "./shapes/page.ts";

export interface IntakeApiPorts {
  inbox: Pick<Inbox, "stats" | "quarantined">;
}

/** /api/intake: the accounting of G2, accepted = dispositions + pending, and what could not be read. */
export const intakeEndpoints: readonly Endpoint<IntakeApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/intake",
    id: "showIntake",
    tag: "intake",
    summary: "What came in and what became of it",
    role: "viewer",
    answers: { 200: { what: "the accounting", body: intakeShape } },
    act: async ({ inbox }: IntakeApiPorts) => reply(200, await inbox.stats()),
  }),
  endpoint({
    method: "get",
    path: "/api/intake/quarantine",
    id: "listQuarantine",
    tag: "intake",
    summary: "Signed deliveries that could not be read, newest first: each may have been the only warning",
    description:
      "The last 1,000 are kept. Bodies are what a sender sent, so that it needs more than to read incidents.",
    role: "responder",
    query: z.strictObject({ limit: limitOf(100, 20), after: numberAfter }),
    answers: { 200: { what: "a page of them", body: z.object({ quarantined: z.array(quarantinedShape), next }) } },
    async act({ inbox }: IntakeApiPorts, { query: { limit, after = null } }) {
      const found = await inbox.quarantined({ limit: limit + 1, before: after });
      const rows = found.slice(0, limit);
      return reply(200, {
        quarantined: rows.map((one) => ({ ...one, at: iso(one.at) })),
        next: found.length > limit ? String(rows.at(-1)!.number) : null,
      });
    },
  }),
];
