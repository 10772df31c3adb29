import { wakeEscalations } from "./notify/escalate.ts";
import type { Services } from "./services.ts";
import { startTicking } from "./ticking.ts";

/** Beside the notification workers: escalations whose time has come, by Redis's clock (N2). */
export function startNotificationTicker(services: Services): { stop(): void } {
  const round = async (partition: number) => void (await wakeEscalations(services, partition));
  return startTicking(services, "notification-ticker", [{ name: "escalation", leaseMs: 5_000, round }]);
}
