import { formatMoney } from "../../incident/money.ts";
import { servicesOf } from "../doctor.ts";
import { type Item, ok, warn } from "../item.ts";
import { NAME_THEM, NOBODY, some, watchedAgents } from "../watched.ts";

/** What a stand-down or recovery gives back: known beforehand, a freeze is one round trip and nobody has to be asked. */
export const caps: Item = {
  id: "caps",
  section: "recovery",
  title: "each agent's caps from before an incident are known",
  deadlineMs: 5_000,
  async measure(ports) {
    const { agentWatch, caps, settings } = servicesOf(ports);
    const agents = await watchedAgents(settings, { agentWatch });
    if (agents.length === 0) return warn(NOBODY, NAME_THEM);
    const named = new Map(settings.fleet.agents.map((agent) => [agent.id, agent.caps]));
    const rows = await Promise.all(
      agents.map(async (agentId) => {
        const seen = await caps.lastSeen(agentId);
        const daily = seen ? seen.dailyCap : named.get(agentId)?.daily;
        const from = seen ? "seen" : named.get(agentId) ? "settings" : null;
        return { agentId, from, dailyCap: daily == null ? null : formatMoney(daily) };
      }),
    );
    const unknown = rows.filter(({ from }) => from === null).map(({ agentId }) => agentId);
    const more = { detail: rows };
    if (unknown.length === 0) return ok(`known for all ${rows.length} agents`, more);
    return warn(
      `unknown for ${unknown.length} of ${rows.length} agents: ${some(unknown)}`,
      "Let the watch worker look at them once, or write their caps into the settings (fleet.agents[].caps)",
      more,
    );
  },
};
