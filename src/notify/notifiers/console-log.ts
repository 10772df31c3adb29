import type { Notifier } from "./notifier.ts";

/** N1: the log is always there, so that a page is never only in somebody else's system. */
export const consoleLog: Notifier = {
  name: "log",
  async send(notification, log) {
    log.warn({ page: notification }, `page.sent: ${notification.priority} ${notification.title}`);
  },
};
