import type { IncidentView } from "../../incident/incident.ts";
import type { PageKind } from "../../incident/jobs.ts";

/** What a page said, after "Told Slack". */
const told: Readonly<Record<PageKind, (incident: IncidentView) => string>> = {
  contained: () => "that it is contained",
  observed: () => "that it would have been contained",
  "freeze-failing": () => "that the freeze was failing",
  "agent-control-failing": () => "that what runs the agent did not do what it was asked to",
  "not-frozen-in-time": () => "that it was not held back after 30 s",
  "not-contained-in-time": () => "that it was not contained after 60 s",
  "hold-breached": () => "that somebody got past the containment",
  "identity-compromise-suspected": () => "that the agent may not be who it says",
  signal: () => "of a warning",
  cascade: () => "of the cascade",
  "cascade-acknowledged": () => "that the cascade is taken on",
  "cascade-over": () => "that the cascade is over",
  answered: () => "that a person has answered",
  "freezes-waiting": () => "that freezes wait for a person's word",
  "shutdown-waiting": () => "that a shutdown of the fleet waits for a person's word",
  escalated: () => "that nobody had taken it on",
  acknowledged: ({ acknowledged }) => `that ${acknowledged?.by ?? "somebody"} took it on`,
  "recovery-asked": ({ recovery }) => `that ${recovery?.by ?? "somebody"} asked to bring it back`,
  "recovery-refused": () => "that it is not brought back yet",
  "rung-taken": () => "that it may spend more again",
  "rung-failing": () => "that the gateway did not take the next step of its recovery",
  "stepped-back": () => "that its recovery was disturbed",
  "recovery-stopped": () => "that somebody lowered its caps",
  resolved: ({ supersededBy }) => (supersededBy === null ? "that it is resolved" : "that new trouble took its place"),
  superseded: () => "that new trouble took its place",
  "stood-down": ({ standDown }) => `that ${standDown?.by ?? "somebody"} released it`,
  "post-mortem": () => "that the post-mortem is written",
  "dead-letter": () => "that work on it failed for good",
  "page-failed": () => "that another channel could not be told",
};

/** One that is not known here, of a newer or older version, says its own name. */
export function pageTold(what: string, incident: IncidentView): string {
  const words = Object.hasOwn(told, what) ? told[what as PageKind] : undefined;
  return words ? words(incident) : `of ${what.replaceAll("-", " ") || "it"}`;
}
