import { z } from "zod";
import type { KeyReport } from "../../contain/key-check.ts";
import { TourniquetError } from "../../errors.ts";
import { type Channel, channels } from "../../incident/escalation.ts";
import { person } from "../../incident/who-and-why.ts";
import type { Notifiers } from "../../notify/notifiers/index.ts";
import { testNotifiers } from "../../notify/test-page.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { diagnosisShape, keysCheckedShape, testResultShape } from "./shapes/upkeep.ts";

export interface UpkeepApiPorts {
  notifiers: Pick<Notifiers, "configured" | "of">;
  settings: Pick<Settings, "notify">;
  /** The readiness checklist; asked several times at once it is measured once. */
  diagnose(): Promise<z.input<typeof diagnosisShape>>;
  /** Throws config-invalid where no key is configured. */
  checkKeys(): Promise<{ isFit: boolean; keys: readonly KeyReport[]; withoutKey: readonly string[] }>;
}

/** What whoever runs this tries out: would a runaway agent be stopped tonight, are people reached, can the keys do their work. */
export const upkeepEndpoints: readonly Endpoint<UpkeepApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/doctor",
    id: "diagnose",
    tag: "upkeep",
    summary: "The readiness checklist, every item measured, with how to mend each miss",
    description:
      "Changes nothing, sends people no test page, and may take half a minute. It asks the gateway for a test ping and reads with every key, so that it needs more than to read incidents.",
    role: "responder",
    answers: { 200: { what: "what was found, failures too", body: diagnosisShape } },
    act: async ({ diagnose }: UpkeepApiPorts) => reply(200, await diagnose()),
  }),
  endpoint({
    method: "post",
    path: "/api/notify/test",
    id: "testNotifications",
    tag: "upkeep",
    summary: "Send a page that says it is a test to each configured channel, or to one",
    description: "On PagerDuty it opens an alert; resolve it there.",
    role: "responder",
    body: z.strictObject({
      by: person.by,
      channel: z.enum(channels, `must be one of ${channels.join(", ")}`).optional(),
    }),
    says: "Say who tries it out, and over which channel.",
    answers: { 200: { what: "what became of each", body: z.object({ results: z.array(testResultShape) }) } },
    async act({ notifiers, settings }: UpkeepApiPorts, { body: { by, channel } }) {
      const asked = askedOf(notifiers.configured, channel);
      return reply(200, { results: await testNotifiers(notifiers, asked, settings.notify.deadlineMs, by) });
    },
  }),
  endpoint({
    method: "post",
    path: "/api/keys/check",
    id: "checkKeys",
    tag: "upkeep",
    summary: "Measure what each gateway key may do, without changing anything",
    description: "Asks the gateway some questions with each key, one key after the other: it may take seconds.",
    role: "responder",
    onlyReads: true,
    problems: [409],
    answers: { 200: { what: "what each may do, and what keeps it from its work", body: keysCheckedShape } },
    act: async ({ checkKeys }: UpkeepApiPorts) => reply(200, await checkKeys()),
  }),
];

function askedOf(configured: readonly Channel[], only: Channel | undefined): readonly Channel[] {
  const asked = only === undefined ? configured : configured.filter((channel) => channel === only);
  if (asked.length > 0) return asked;
  const which = only === undefined ? "No channel is" : `The channel ${only} is not`;
  throw new TourniquetError("config-invalid", `${which} configured: docs/notifications.md says how.`);
}
