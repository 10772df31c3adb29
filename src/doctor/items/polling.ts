import { plan } from "../../detect/watch/plan.ts";
import { servicesOf } from "../doctor.ts";
import { fail, type Item, ok, warn } from "../item.ts";
import { lasting, NAME_THEM, NOBODY, some, watchedAgents } from "../watched.ts";

/** As polling itself judges it (detect/watch/schedule.ts). */
const INTERVALS = 3;

/** I7: a webhook that never comes is no blind spot as long as somebody looks. */
export const polling: Item = {
  id: "polling",
  section: "detection",
  title: "each agent is looked at as often as it should be",
  deadlineMs: 5_000,
  async measure(ports) {
    const { agentWatch, clock, settings, keyNameOf } = servicesOf(ports);
    const agents = await watchedAgents(settings, { agentWatch });
    if (agents.length === 0) return warn(NOBODY, NAME_THEM);
    const planned = plan(settings, { seen: agents, recovering: new Set() }, keyNameOf);
    const [looked, now] = await Promise.all([agentWatch.looked(planned.map(({ agentId }) => agentId)), clock.now()]);
    const rows = planned.map(({ agentId, everyMs, wantedMs }, index) => {
      const { wholeAt, beganAt } = looked[index]!;
      return { agentId, everyMs, wantedMs, lookedAt: beganAt > 0 ? wholeAt : null };
    });
    const late = rows.filter(({ lookedAt, everyMs }) => lookedAt === null || now - lookedAt > INTERVALS * everyMs);
    const stretched = rows.filter(({ everyMs, wantedMs }) => everyMs > INTERVALS * wantedMs);
    const lines = late.map(
      ({ agentId, lookedAt, everyMs }) =>
        `${agentId}: looked at ${lookedAt === null ? "never" : `${lasting(now - lookedAt)} ago`}, should be every ${lasting(everyMs)}`,
    );
    const more = { lines: lines.slice(0, 20), detail: rows };
    const names = (some_: typeof rows) => some(some_.map(({ agentId }) => agentId));
    if (late.length > 0)
      return fail(
        `${late.length} of ${rows.length} agents were not looked at in time: ${names(late)}`,
        "Start npx tourniquet worker watch; if it runs, its log says what the gateway refuses",
        more,
      );
    if (stretched.length > 0)
      return warn(
        `all ${rows.length} looked at, ${stretched.length} of them seldom for want of calls`,
        "Use a key of a higher tier, a key per agent, or longer intervals (docs/watching.md)",
        more,
      );
    const slowest = Math.max(...rows.map(({ lookedAt }) => now - (lookedAt ?? now)));
    return ok(`${rows.length} agents, the longest ago ${lasting(slowest)}`, more);
  },
};
