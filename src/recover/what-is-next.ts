import type { RecoverySettings } from "../settings/people.ts";

/** What follows once a recovery was asked for, for the person who asked. */
export function whatIsNext({ rungs, normalAfterMs }: RecoverySettings, waitsFor: readonly string[]): string {
  const ramp = rungs.map(
    ({ afterMs, percent }) => `${percent} % ${afterMs === 0 ? "at once" : `after ${length(afterMs)}`}`,
  );
  const looked =
    waitsFor.length === 0
      ? "Identity and reputation are looked at now"
      : `It waits until the first rung of ${waitsFor.join(", ")} stands. Then identity and reputation are looked at`;
  return (
    `${looked}; until they pass, the agent stays held. Then its caps from before come back: ${ramp.join(", ")}. ` +
    `Without a warning the incident is resolved after ${length(normalAfterMs)}.`
  );
}

/** In the largest unit that tells it whole. */
function length(ms: number): string {
  const units = [
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  const [unit, size] = units.find(([, one]) => ms % one === 0) ?? ["ms", 1];
  return `${ms / size} ${unit}`;
}
