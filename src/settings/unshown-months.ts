import type { Warning } from "./review.ts";
import type { Settings } from "./settings.ts";

/** Of the gateway's tools form: it shows no monthly cap, so what an agent had can be known from the settings alone. */
export function unshownMonths({ fleet, origin }: Pick<Settings, "fleet" | "origin">): Warning[] {
  const without = fleet.agents.filter(({ caps }) => caps === undefined).map(({ id }) => id);
  if (without.length === 0) return [];
  const some =
    without.length > 5 ? `${without.slice(0, 5).join(", ")} and ${without.length - 5} more` : without.join(", ");
  const line = origin.lines.get("fleet.agents") ?? null;
  const message = `the gateway's tools form shows no monthly cap: what comes back to ${some} after an incident is 30 times the day's, unless fleet.agents[].caps says what it is`;
  return [{ line, message }];
}
