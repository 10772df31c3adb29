import type { Log } from "../../incident/ports.ts";
import type { Notifier } from "./notifier.ts";

/** N1: the log is always there, so that a page is never only in somebody else's system. */
export function openLog(log: Log): Notifier {
  return {
    name: "log",
    async send({ notification }) {
      log.warn({ page: notification }, `page.sent: ${notification.priority} ${notification.title}`);
      return { answerId: null };
    },
    close: async () => undefined,
  };
}
