import type { Awaited } from "../../incident/watch.ts";
import type { AnswerPorts } from "../answer.ts";
import { RESPONDER, reportFailure } from "./failure.ts";
import type { WatchPorts } from "./ports.ts";

const HOUR_MS = 3_600_000;
const MOST_NAMED = 10;

/** Counts what a webhook should have told of by now and did not; answers what may still be told of (I8). */
export async function missingWebhooks(
  ports: Pick<WatchPorts, "agentWatch" | "fleetWatch" | "settings">,
  agentId: string,
  now: number,
  awaited: readonly Awaited[],
): Promise<readonly Awaited[]> {
  const isDue = ({ since }: Awaited) => now - since >= ports.settings.watch.webhookGraceMs;
  const due = awaited.filter(isDue);
  if (due.length === 0) return awaited;
  const heard = await ports.agentWatch.heard(
    agentId,
    due.map(({ what }) => what),
  );
  const silent = due.filter(({ what }) => !heard.has(what)).length;
  if (silent > 0) await ports.fleetWatch.countSilence(agentId, silent);
  return awaited.filter((one) => !isDue(one));
}

/** What all looks found untold is one warning an hour: silence is a property of the webhooks, not of one agent. */
export async function reportSilence(
  ports: AnswerPorts & Pick<WatchPorts, "fleetWatch" | "clock" | "settings">,
): Promise<void> {
  const silence = await ports.fleetWatch.takeSilence(HOUR_MS);
  if (silence.size === 0) return;
  const missing = [...silence.values()].reduce((sum, count) => sum + count, 0);
  const { webhookGraceMs } = ports.settings.watch;
  const named = [...silence.keys()].slice(0, MOST_NAMED).join(", ");
  await reportFailure(ports, {
    agentId: RESPONDER,
    check: "silence",
    sentence: `Webhooks are silent: polling saw ${missing} changes of ${silence.size} agents (${named}) that no webhook told of within ${webhookGraceMs} ms, although one is registered. What happens is seen at the next poll only.`,
    observed: { missing, agents: silence.size },
    thresholds: { webhookGraceMs },
    at: await ports.clock.now(),
  });
}
