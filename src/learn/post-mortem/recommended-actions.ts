import type { IncidentView } from "../../incident/incident.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { type Relapse, relapseOf } from "../../incident/relapse.ts";
import type { SignalKind } from "../../incident/signal.ts";

/** Of every agent that was breached or talked into something. */
const afterBreach = [
  "Read the agent's system prompt and its last inputs for instructions that somebody slipped in.",
  "Change every credential that the agent could read.",
];

/**
 * F4: what to do about each kind of signal, most important first. Sources: the manual follow-ups of the runbooks (mission RB1 to
 * RB6), and of breaches the second seed's list: the prompt, all data of 24 hours, the owners of that data, the tool permissions.
 */
export const recommendedActions: Readonly<Record<SignalKind, readonly [string, ...string[]]>> = {
  "budget-exhaustion": [
    "Find out what used the budget up, and whether it was meant to.",
    "Set the daily cap to what the agent needs on its busiest day, and no higher.",
  ],
  "budget-warning": [
    "Look at what the agent spends a day, and raise the cap or lower the spending before it runs out.",
  ],
  "reputation-drift": [
    "Read what the agent delivered lately and what its counterparties say of it.",
    "Look for a changed model, a changed prompt, or a service behind it that got worse.",
  ],
  "cost-anomaly": [
    "Find what the agent spent its money on, and whether that was meant.",
    "If such spending is normal for it, say so in its thresholds; if not, give it a limit per hour of its own.",
  ],
  "escrow-burst": [
    "Find the code that opens escrows, and give its retries a limit, a growing pause and one idempotency key per purchase.",
    "Let the agent ask the circuit breaker before it spends, so that a service that fails is not paid again and again.",
  ],
  "payee-concentration": [
    "Read the payee's transactions and claim chains, and find out who runs it.",
    "If it was fraud, open a dispute with the gateway.",
  ],
  "cancellation-rate": [
    "Find out why so many escrows were cancelled, and whether the payee or the agent gained by it.",
    "If it was fraud, open a dispute with the gateway.",
  ],
  "identity-compromise": [
    "Register the agent's identity anew with a new key, and pin that key in the settings.",
    "Change every API key that belongs to the agent.",
    "Go through all its transactions since its identity was last known to be good, and check whom it traded with.",
  ],
  "shared-resource-exhausted": [
    "Give agents that share a wallet a budget of their own within it, so that one cannot empty it for all.",
    "Put a circuit breaker between agents that wait for each other, so that one failure does not become many.",
  ],
  "tool-call-burst": [
    "Find out why the agent called its tools so often: a loop, a new task, or somebody else's instructions.",
    ...afterBreach,
  ],
  "suspicious-tool-sequence": [
    "Review which tools the agent may use together: what reads secrets should not also send anything out.",
    ...afterBreach,
  ],
  "data-exfiltration": [
    "Go through all data that the agent read in the 24 hours before.",
    "Tell the owners of the data that left.",
    ...afterBreach,
  ],
  "error-spike": ["Read the errors: which tool, since when, and after which change."],
  "detection-failure": ["Mend the check that failed, and prove it: what it watches was not seen meanwhile."],
  "fleet-shutdown": ["Make sure that what made the shutdown of the fleet necessary is mended."],
  "containment-order": [
    "Ask why a person saw it and no rule did: a threshold or a rule may be missing (npx tourniquet backtest).",
  ],
};

/** What was done about the agent is known; who or what ended its recovery is not. */
function afterRelapse({ recovering, isCapsRaised }: Relapse, agentId: string): [string, ...string[]] {
  return isCapsRaised
    ? [
        `Find out who raised the caps of ${agentId} while it recovered, and whether they may: an agent's own key can lift its cap.`,
        "Let the recovery raise the caps; where its steps are too slow, change them in the settings (recovery.rungs).",
      ]
    : [
        `Find out what was seen of ${agentId} while it recovered, and whether the fix of ${recovering} mends it.`,
        `Go on with what ${recovering} left to do.`,
      ];
}

/** Of each kind of signal, the most severe first; of what ended a recovery, what is to be done about that. */
export function recommendationsOf({ signals, agentId }: IncidentView): PostMortem["recommendations"] {
  const order = ["critical", "warning", "info"];
  const sorted = [...signals].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return [...Map.groupBy(sorted, ({ kind }) => kind)].map(([signal, all]) => {
    const actions = all.flatMap((one) => {
      const relapse = relapseOf(one);
      return relapse ? afterRelapse(relapse, agentId) : recommendedActions[signal];
    });
    return { signal, actions: [...new Set(actions)] };
  });
}
