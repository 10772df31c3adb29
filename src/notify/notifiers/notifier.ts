import type { Log } from "../../incident/ports.ts";
import type { Notification } from "../page.ts";

/** One way to reach people. Throws where it did not: the queue tries this notification again. */
export interface Notifier {
  name: string;
  send(notification: Notification, log: Log): Promise<void>;
}
