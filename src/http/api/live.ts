import { type Endpoint, endpoint } from "../endpoint.ts";
import type { Live } from "../live.ts";

export interface LiveApiPorts {
  live: Live;
}

/** /api/live (O3): that something changed, while it changes; whoever is told reads it anew. */
export const liveEndpoints: readonly Endpoint<LiveApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/live",
    id: "listenLive",
    tag: "live",
    summary:
      "Server-sent events: an incident, the fleet, dead letters, tunings, drills, settings or the audit trail changed",
    role: "viewer",
    answers: {
      200: {
        what: "`incident` {id, at}; `fleet`, `dead-letters`, `tunings`, `drills`, `settings`, `audit` {at}; `stale` and `resync` {}",
        media: ["text/event-stream"],
      },
    },
    async act({ live }: LiveApiPorts, { req, res, caller: { credential } }) {
      await live.open(res, req.get("last-event-id"), `${credential.kind} ${credential.id}`);
      return "sent" as const;
    },
  }),
];
