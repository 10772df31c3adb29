import type { NotificationJob } from "../incident/jobs.ts";
import type { Attempt } from "./attempt.ts";
import { type EscalateAnswer, type EscalatePorts, escalate } from "./escalate.ts";
import { type PublishAnswer, type PublishPorts, publish } from "./publish.ts";
import { type SendAnswer, type SendPorts, send } from "./send.ts";
import { type TellAnswer, type TellPorts, tell } from "./tell.ts";

export type NotifyPorts = TellPorts & SendPorts & PublishPorts & Omit<EscalatePorts, "reachable">;

/** Tells people, and the gateway's event bus (C5). A failure here retries alone and never touches containment. */
export async function notify(
  ports: NotifyPorts,
  job: NotificationJob,
  attempt: Attempt,
  abort?: AbortSignal,
): Promise<{ answer: TellAnswer | SendAnswer | EscalateAnswer | PublishAnswer }> {
  switch (job.kind) {
    case "page":
      return tell(ports, job, attempt);
    case "send":
      return send(ports, job, attempt, abort);
    case "escalate":
      return escalate({ ...ports, reachable: ports.notifiers.configured }, job);
    case "publish":
      return publish(ports, job);
  }
}
