/** A step by what it is to a reader. */
const names: Readonly<Record<string, string>> = {
  "record-budget-cap": "Writing down the budget caps from before",
  "freeze-budget": "Freezing the budget",
  "halve-budget": "Halving the daily budget",
  "cancel-escrows": "Cancelling the open escrows",
  "cancel-escrows-to-suspect": "Cancelling the escrows to the suspect payee",
  "verify-identity": "Checking who the agent is",
  "flag-payee": "Putting the payee on the watch list",
  "revoke-tools": "Taking the agent's tools away",
  "isolate-network": "Cutting the agent's network",
  "pause-agent": "Pausing the agent",
  "rotate-credentials": "Changing the agent's credentials",
  "restrict-similar": "Restricting similar agents",
  "restrict-to-read-only": "Restricting the agent to tools that only read",
  "restore-caps": "Putting the budget caps back",
};

/** One that has no name here says its own. */
export function stepName(step: string): string {
  const name = step.replace(/^dry-run /, "");
  const spoken = name.replaceAll("-", " ");
  return names[name] ?? `${spoken[0]?.toUpperCase() ?? ""}${spoken.slice(1)}`;
}

/** What a dry run decided and did not do. */
const undone: Readonly<Record<string, string>> = {
  "freeze-budget": "frozen the budget",
  "halve-budget": "halved the daily budget",
  "cancel-escrows": "cancelled the open escrows",
  "cancel-escrows-to-suspect": "cancelled the escrows to the suspect payee",
  "flag-payee": "put the payee on the watch list",
  "revoke-tools": "taken the agent's tools away",
  "isolate-network": "cut the agent's network",
  "pause-agent": "paused the agent",
  "rotate-credentials": "changed the agent's credentials",
  "restrict-similar": "restricted similar agents",
  "tell-of-compromise": "told people that the agent may not be who it says",
  "restrict-to-read-only": "restricted the agent to tools that only read",
};

/** "Would have frozen the budget". */
export function wouldHave(step: string): string {
  const name = step.replace(/^dry-run /, "");
  return `Would have ${undone[name] ?? `done: ${stepName(name).toLowerCase()}`}`;
}
