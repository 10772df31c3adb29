import { createLog } from "../../log.ts";
import { openNotifiers } from "../../notify/notifiers/index.ts";
import { inwardNames, refusedAddresses } from "../../notify/refused-addresses.ts";
import { testNotifiers } from "../../notify/test-page.ts";
import { reachable, unreached } from "../../settings/reach.ts";
import type { DoctorPorts, Item, Measured } from "../item.ts";
import { fail, ok, warn } from "../item.ts";

/** N1, N2: whom a P0 wakes, and who follows when nobody answers. Nothing is sent unless that was asked for. */
export const people: Item = {
  id: "people",
  section: "people",
  title: "people are reached, and somebody follows when nobody answers",
  deadlineMs: 15_000,
  async measure(ports) {
    const { config, settings, notify } = ports;
    const channels = reachable(config.channels);
    if (channels.length === 0)
      return fail(
        "no channel is configured: pages are only in the log",
        "Set SLACK_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY or NOTIFY_WEBHOOK_URL (docs/notifications.md)",
      );
    const refused = await refusedAddresses(config.channels, settings.notify);
    const gaps = [
      ...unreached(settings, channels),
      ...(await inwardNames(config.channels, settings.notify)).map(plain),
    ];
    const lines = [...refused, ...gaps.map(({ message }) => message)];
    const more = { lines, detail: { channels, gaps: lines } };
    const found = `${channels.join(", ")} configured${notify ? "" : ", not tried (--notify sends a test page)"}`;
    if (refused.length > 0) return fail(found, "Mend the addresses above: nothing can be sent to them", more);
    if (notify) return send(ports, channels, lines);
    return lines.length === 0 ? ok(found, more) : warn(found, "Mend the routes above (docs/escalation.md)", more);
  },
};

const plain = (message: string) => ({ message });

async function send(
  { config, settings }: DoctorPorts,
  channels: ReturnType<typeof reachable>,
  gaps: readonly string[],
): Promise<Measured> {
  const notifiers = openNotifiers(config.channels, settings.notify, createLog("silent", "doctor"));
  try {
    const results = await testNotifiers(notifiers, channels, settings.notify.deadlineMs);
    const lines = [...results.map((one) => `${one.channel}: ${one.isTold ? "told" : one.error.message}`), ...gaps];
    const more = { lines, detail: results };
    const untold = results.filter(({ isTold }) => !isTold);
    if (untold.length > 0)
      return fail(
        `${untold.map(({ channel }) => channel).join(", ")} could not be told`,
        "Mend what the line above says of each",
        more,
      );
    return gaps.length === 0
      ? ok("a test page reached every channel", more)
      : warn("a test page reached every channel", "Mend the routes above (docs/escalation.md)", more);
  } finally {
    await notifiers.close();
  }
}
