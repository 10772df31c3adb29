import { lasting } from "../../incident/plain-words.ts";
import { servicesOf } from "../doctor.ts";
import { type Item, ok, warn } from "../item.ts";

/** guarantees.md section 2: from here on a clock is worth a warning, and a post-mortem corrects the gateway's times. */
const UNWISE_MS = 2_000;

/** By the `Date` of its answers. Its rows may have another machine's times: those only an incident's evidence can tell of. */
export const gatewayClock: Item = {
  id: "gateway-clock",
  section: "platform",
  title: "the gateway and Redis have the same time",
  deadlineMs: 6_000,
  async measure(ports) {
    const { clock, gateway, ownAgentId, settings } = servicesOf(ports);
    // A refusal tells the time as well; that there was no answer at all is for other items to say.
    await gateway.readBudget(ownAgentId, { deadlineMs: settings.gateway.deadlineMs }).catch(() => undefined);
    const ours = await clock.now();
    const there = gateway.now();
    if (there === null)
      return warn(
        "not known: no answer of the gateway said what time it is there",
        "See that the gateway answers (item sources); if it sends no Date, hold the times of its rows against a clock by hand",
      );
    const aheadMs = Math.round(there - ours);
    const more = { detail: { aheadMs } };
    if (Math.abs(aheadMs) <= UNWISE_MS) return ok("less than 2 s apart", more);
    return warn(
      `the gateway's clock runs ${lasting(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} Redis's`,
      "Keep Redis's machine by NTP and have whoever runs the gateway do the same; post-mortems correct its times meanwhile, and rules go by them as they are",
      more,
    );
  },
};
