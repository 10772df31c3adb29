import { servicesOf } from "../doctor.ts";
import { fail, type Item, ok, warn } from "../item.ts";

/** guarantees.md section 2: from here on a clock is worth a warning. */
const UNWISE_MS = 2_000;
/** Signed webhooks are refused from 5 minutes on (I2); this leaves room for the sender's own clock. */
const WRONG_MS = 60_000;

/** Windows, holds and rungs go by Redis's clock, signatures and alerts by this machine's. */
export const clock: Item = {
  id: "clock",
  section: "platform",
  title: "this machine and Redis have the same time",
  deadlineMs: 4_000,
  async measure(ports) {
    const { clock } = servicesOf(ports);
    const before = Date.now();
    const there = await clock.now();
    const tripMs = Date.now() - before;
    const skewMs = Math.round(there - (before + tripMs / 2));
    const apart = Math.max(0, Math.abs(skewMs) - tripMs);
    const found = `${Math.abs(skewMs)} ms apart, round trip ${tripMs} ms`;
    const mend =
      "Keep the clocks of both machines by NTP: webhooks are refused where they differ by more than 5 minutes";
    const more = { detail: { skewMs, tripMs } };
    if (apart > WRONG_MS) return fail(found, mend, more);
    return apart > UNWISE_MS ? warn(found, mend, more) : ok(found, more);
  },
};
