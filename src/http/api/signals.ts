import { z } from "zod";
import type { Inbox } from "../../incident/inbox.ts";
import { whyNotActedOn } from "../../incident/not-acted-on.ts";
import { readCursor } from "../../incident/page.ts";
import { presentVerdict } from "../../incident/present-verdict.ts";
import type { KeptVerdict, Verdicts } from "../../incident/verdict.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { after, limitOf, next } from "./shapes/page.ts";
import { verdictShape } from "./shapes/signal.ts";

export interface SignalsApiPorts {
  verdicts: Pick<Verdicts, "recent" | "page">;
  inbox: Pick<Inbox, "load">;
}

/** As many as are kept to be listed. */
const MOST = 1_000;
const read = { method: "get", tag: "signals", role: "viewer" } as const;

async function present({ inbox }: SignalsApiPorts, verdict: KeptVerdict) {
  return { ...presentVerdict(verdict), notActedOn: await whyNotActedOn(inbox, verdict) };
}

/** /api/signals (D14): what was concluded lately, why, which line of policy decided, and why nothing followed where nothing did. */
export const signalEndpoints: readonly Endpoint<SignalsApiPorts>[] = [
  endpoint({
    ...read,
    path: "/api/signals",
    id: "listSignals",
    summary: "What was concluded lately, newest first, and what was decided on it",
    query: z.strictObject({ limit: limitOf(MOST, 50), after }),
    answers: { 200: { what: "a page of them", body: z.object({ signals: z.array(verdictShape), next }) } },
    async act(ports: SignalsApiPorts, { query }) {
      const { rows, next } = await ports.verdicts.page({ limit: query.limit, after: readCursor(query.after) });
      return reply(200, { signals: await Promise.all(rows.map((verdict) => present(ports, verdict))), next });
    },
  }),
  endpoint({
    ...read,
    path: "/api/signals/{id}",
    id: "showSignal",
    summary: "One of them: the rule, the thresholds and the events that made it",
    params: z.object({ id: z.string() }),
    unknown: { kind: "no-such-signal", detail: "No recent signal has this id." },
    answers: { 200: { what: "the signal", body: verdictShape } },
    async act(ports: SignalsApiPorts, { params }) {
      const found = (await ports.verdicts.recent(MOST)).find(({ signal }) => signal.id === params.id);
      return found ? reply(200, await present(ports, found)) : null;
    },
  }),
];
