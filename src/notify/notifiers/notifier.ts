import type { Channel } from "../../incident/escalation.ts";
import type { Tracing } from "../../incident/tracing.ts";
import type { CallLimits } from "../../outbound/http.ts";
import type { Notification } from "../notification.ts";

/** One notification on its way. `id` is the same at every attempt; times are milliseconds since 1970. */
export interface Message {
  /** 1 to 128 letters, digits, "-" and "_". */
  id: string;
  /** When it was decided to tell this. */
  at: number;
  /** Of this attempt: what is signed must be fresh. */
  now: number;
  notification: Notification;
}

/**
 * One way to reach people. Throws notifier-failed where another attempt may succeed, with `retryAfterMs` in its detail where
 * the receiver said when, and notifier-refused where none will before somebody mends something. Neither repeats an address,
 * a key or a secret.
 */
export interface Notifier {
  name: Channel | "log";
  /** answerId: what the receiver calls this delivery, where it says so. */
  send(message: Message, limits?: CallLimits): Promise<{ answerId: string | null }>;
  close(): Promise<void>;
}

export interface NotifierOptions {
  allowPrivateHosts: boolean;
  tracing?: Tracing;
}
