import { thresholdsFor } from "../../settings/settings.ts";
import { servicesOf } from "../doctor.ts";
import { type Item, ok, warn } from "../item.ts";
import { lasting, NAME_THEM, NOBODY, some, watchedAgents } from "../watched.ts";

const MINUTE_MS = 60_000;

/** D3: until an agent has one, absolute limits stand in for it, which see a fire and no smoke. */
export const baselines: Item = {
  id: "baselines",
  section: "recovery",
  title: "what each agent usually spends is recorded",
  deadlineMs: 8_000,
  async measure(ports) {
    const { agentWatch, spending, clock, settings } = servicesOf(ports);
    const agents = await watchedAgents(settings, { agentWatch });
    if (agents.length === 0) return warn(NOBODY, NAME_THEM);
    const [minutes, now] = await Promise.all([spending.minutesOf(agents), clock.now()]);
    const rows = agents.map((agentId) => {
      const { intervalMs, minimumSamples } = thresholdsFor(settings, agentId).costAnomaly;
      const spent = [...(minutes.get(agentId)?.minutes.keys() ?? [])];
      const samples = new Set(spent.map((minute) => Math.floor((minute * MINUTE_MS) / intervalMs))).size;
      const [first, last] = [Math.min(...spent), Math.max(...spent)].map((minute) => minute * MINUTE_MS);
      const isKnown = samples >= minimumSamples;
      const ages = spent.length === 0 ? null : { fromMs: now - first!, untilMs: now - last! };
      return { agentId, samples, minimumSamples, isKnown, ...ages };
    });
    const cold = rows.filter(({ isKnown }) => !isKnown);
    const lines = rows
      .slice(0, 20)
      .map(({ agentId, samples, minimumSamples, isKnown, fromMs, untilMs }) =>
        fromMs === undefined
          ? `! ${agentId}: spent nothing that was seen in the last 7 days`
          : `${isKnown ? " " : "!"} ${agentId}: ${samples} samples of at least ${minimumSamples}, from ${lasting(fromMs)} to ${lasting(untilMs ?? 0)} ago`,
      );
    const more = { lines, detail: rows };
    if (cold.length === 0) return ok(`all ${rows.length} agents have one`, more);
    return warn(
      `${cold.length} of ${rows.length} agents have too little of one: ${some(cold.map(({ agentId }) => agentId))}`,
      "Let them work for a while with webhooks or polling on; until then absolute limits hold (costAnomaly.coldStartPerInterval): set them for each agent",
      more,
    );
  },
};
