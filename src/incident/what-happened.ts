import { type Incident, type IncidentView, isOver } from "./incident.ts";
import { money, zero } from "./money.ts";
import { isByOrder } from "./ordered.ts";
import { dollars, lasting } from "./plain-words.ts";
import { recoveryStateOf } from "./recovery-state.ts";
import { relapseOf } from "./relapse.ts";
import type { Signal, SignalKind } from "./signal.ts";

/** What of an incident its story in one sentence is told from; a list need not read more. */
export type IncidentStory = Incident & Pick<IncidentView, "dollars" | "signals">;

/**
 * The whole story in one sentence, the same in the console, in lists and in the CLI: who did what, the dollars, how it stands. It is
 * understood half asleep.
 */
export function whatHappened(incident: IncidentStory): string {
  return `${[titleOf(incident), ...moneyOf(incident)].join(", ")}: ${standing(incident)}`;
}

/** The title of a post-mortem. */
export function titleOf(
  incident: Pick<
    IncidentStory,
    "agentId" | "standDown" | "dryRun" | "supersededBy" | "signals" | "effectiveAt" | "containedAt"
  >,
): string {
  const { agentId, standDown, dryRun, supersededBy } = incident;
  const about = `${agentId} ${deedOf(leadOf(incident), incident)}`;
  if (dryRun) return `Dry run: ${about}`;
  if (isByOrder(incident)) return standDown ? `${about}, and released` : about;
  if (standDown) return `False alarm: ${about}`;
  return supersededBy === null ? about : `${about}; new trouble followed`;
}

/** Nothing where it held no money in escrow. */
function moneyOf({ dollars: { locked, recovered, lost } }: IncidentStory): string[] {
  if (money(locked) === zero) return [];
  const gone = money(lost) === zero ? "" : `, ${dollars(lost)} lost`;
  return [`${dollars(locked)} locked`, `${dollars(recovered)} of it back${gone}`];
}

function standing(incident: IncidentStory): string {
  const { status, receivedAt, containedAt, effectiveAt, standDown, supersededBy, reassertions } = incident;
  if (status === "observed") return "nothing is done, it is only watched";
  if (status === "detected" || status === "containing")
    return effectiveAt === null ? "it is not contained yet" : "held back, and not all of it is contained yet";
  const contained =
    containedAt === null ? "contained" : `contained within ${lasting(Math.max(1, containedAt - receivedAt))}`;
  if (status === "contained") return reassertions === 0 ? contained : `${contained}, and somebody tried to undo it`;
  if (status === "recovering") return `recovering, with ${recoveryStateOf(incident).percent ?? 0} % of its caps back`;
  if (status === "stood-down") return `released by ${standDown?.by ?? "a person"}`;
  if (supersededBy !== null) return `${supersededBy} took its place`;
  return isOver(status) && incident.dryRun ? "it has been quiet" : "resolved, and it has its caps back";
}

/** The signal that tells best what it was: the first critical one, else the first. */
export function leadOf({ signals }: Pick<IncidentStory, "signals">): Signal | undefined {
  return signals.find(({ severity }) => severity === "critical") ?? signals[0];
}

/** What an agent did, by the kind of signal. */
const deeds: Readonly<Record<SignalKind, string>> = {
  "budget-exhaustion": "used up its budget",
  "budget-warning": "came close to the end of its budget",
  "reputation-drift": "lost reputation",
  "cost-anomaly": "spent far more than it usually does",
  "escrow-burst": "opened one escrow after another",
  "payee-concentration": "paid the same payee again and again",
  "cancellation-rate": "had most of its escrows cancelled",
  "identity-compromise": "may not be who it says it is",
  "shared-resource-exhausted": "failed because a shared wallet ran empty",
  "tool-call-burst": "called its tools far more often than usual",
  "suspicious-tool-sequence": "used its tools in a suspicious order",
  "data-exfiltration": "sent out a large amount of data",
  "error-spike": "ran into one error after another",
  "detection-failure": "could not be watched",
  "fleet-shutdown": "was frozen together with the whole fleet",
  "containment-order": "was contained because a person said so",
};

/** An order is no deed yet. */
function deedOf(
  signal: Pick<Signal, "kind" | "why"> | undefined,
  { effectiveAt, containedAt }: Pick<IncidentStory, "effectiveAt" | "containedAt">,
): string {
  const relapse = signal && relapseOf(signal);
  if (relapse) return relapse.isCapsRaised ? "had its caps raised while it recovered" : "fell back while it recovered";
  if (signal?.kind === "containment-order" && containedAt === null) return "was ordered to be contained";
  if (signal?.kind === "fleet-shutdown" && effectiveAt === null)
    return "was ordered to be frozen together with the whole fleet";
  return signal ? deeds[signal.kind] : "was contained";
}
