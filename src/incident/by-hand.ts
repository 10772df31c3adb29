import { type IncidentView, isOver, type StepView } from "./incident.ts";

/** One thing that only a person can do, since nothing could be asked to: whose, what and why. */
export interface ByHand {
  step: string;
  /** Begins with a verb; "it" is the incident's agent. */
  what: string;
  /** Why nobody else does it. */
  why: string;
}

/** What a receipt says: "agent control does not run it: pause it by hand". */
const said = /^([^:]+): (.+?)(?: by hand)?$/;

/** Left to a person by this step; empty where it was done, or is still to be done. */
export function byHandIn({ step, status, result }: StepView): ByHand[] {
  const lines = status === "done" ? [result?.byHand].flat() : [];
  return lines
    .filter((line) => typeof line === "string")
    .map((line) => {
      const [, why = "nothing could be asked to", what = line] = said.exec(line) ?? [];
      return { step, what, why };
    });
}

/** Of all steps of the incident, in their order. */
export function byHandOf({ steps }: Pick<IncidentView, "steps">): ByHand[] {
  return steps.flatMap(byHandIn);
}

/** What of it is left: to do while the agent is held, to undo once it is let go. Nobody tells us what people did. */
export function leftByHand(incident: IncidentView): string[] {
  const { agentId, status, supersededBy, standDown } = incident;
  // Whatever took its place holds the agent back, and asks for the same.
  if (supersededBy !== null) return [];
  const isLetGo = isOver(status) || status === "recovering" || standDown !== null;
  return byHandOf(incident).flatMap((one) => {
    const on = one.step === "restrict-similar" ? "" : ` on ${agentId}`;
    if (!isLetGo) return [`By hand${on}: ${one.what} (${one.why})`];
    const undo = undone(one, standDown !== null);
    return undo === null ? [] : [`By hand${on}: ${undo}`];
  });
}

const undoing: Readonly<Record<string, string>> = {
  "revoke-tools": "give its tools back, if somebody took them away",
  "isolate-network": "connect its network again, if somebody cut it",
  "pause-agent": "let it run again, if somebody paused it",
  "restrict-to-read-only": "let it use all its tools again, if somebody restricted it",
};

function undone({ step, what }: ByHand, isFalseAlarm: boolean): string | null {
  // Credentials that may be known to others stay so however the agent recovered.
  if (step === "rotate-credentials") return isFalseAlarm ? null : `${what}, if nobody has yet`;
  const similar = /^restrict (.+) to read-only tools$/.exec(what)?.[1];
  if (step === "restrict-similar" && similar !== undefined)
    return `let ${similar} use all its tools again, if somebody restricted it`;
  return undoing[step] ?? `undo it, if somebody did: ${what}`;
}
