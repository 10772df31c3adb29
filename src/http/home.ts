import type { RequestHandler } from "express";

const addresses = [
  { method: "POST", path: "/webhooks/greenhelix", what: "signed webhooks of the gateway (also /incidents/webhook)" },
  { method: "POST", path: "/webhooks/agent-activity", what: "signed telemetry of agents, one event or a batch" },
  { method: "GET", path: "/api/incidents", what: "incidents, newest first; one under its id" },
  {
    method: "GET",
    path: "/api/incidents/:id/post-mortem",
    what: "what happened, what it cost, what is left; ?format=md",
  },
  { method: "POST", path: "/api/incidents/:id/acknowledge", what: "take it on: nobody else is woken (also cascades)" },
  { method: "GET", path: "/api/incidents/:id/ledger", what: "its record of what was decided and done, signed" },
  { method: "POST", path: "/api/incidents/:id/recover", what: "it is mended: give the caps back step by step" },
  { method: "POST", path: "/api/incidents/:id/stand-down", what: "end a false alarm and restore the caps" },
  { method: "GET", path: "/api/signals", what: "what was concluded lately, why, and what was decided" },
  { method: "GET", path: "/api/cascades", what: "troubles of several agents that belong together" },
  { method: "GET", path: "/api/fleet", what: "who is frozen and by what; what waits for approval" },
  { method: "POST", path: "/api/fleet/shutdown", what: "freeze every agent; also resume, approve, decline" },
  { method: "POST", path: "/api/agents/:id/breaker", what: "how an agent's attempt went; GET: may it spend" },
  { method: "GET", path: "/api/silences", what: "what holds back alerts, and for how long; POST adds one" },
  { method: "GET", path: "/api/dead-letters", what: "jobs that failed for good, and why; one under its queue and id" },
  { method: "POST", path: "/api/dead-letters/replay", what: "give them back to their queues; dryRun says which" },
  { method: "GET", path: "/api/tunings", what: "what incidents taught about thresholds; approve, reject, withdraw" },
  { method: "GET", path: "/api/settings", what: "the settings in force, and where each comes from" },
  { method: "GET", path: "/api/intake", what: "what was accepted and what became of it" },
  { method: "GET", path: "/admin/queues", what: "the queues, to look at" },
  { method: "GET", path: "/healthz", what: "the process runs" },
  { method: "GET", path: "/readyz", what: "it should be given work" },
  { method: "GET", path: "/metrics", what: "for Prometheus" },
] as const;

/** What can be asked here: a page for people, JSON for programs. */
export const home: RequestHandler = (_req, res) => {
  res.format({
    json: () => res.json({ name: "tourniquet", addresses }),
    html: () => res.send(page),
  });
};

const rows = addresses.map(({ method, path, what }) => `<li>${link(method, path)}: ${what}</li>`).join("\n");
const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tourniquet</title>
<h1>Tourniquet</h1>
<ul>
${rows}
</ul>
</html>
`;

function link(method: string, path: string): string {
  return method === "GET" && !path.includes(":") ? `<a href="${path}">${path}</a>` : `${method} ${path}`;
}
