import { randomUUID } from "node:crypto";
import { describeError, type ErrorCode } from "../errors.ts";
import type { Channel } from "../incident/escalation.ts";
import { compose } from "./notification.ts";
import type { Notifiers } from "./notifiers/index.ts";

export type TestResult = { channel: Channel } & (
  | { isTold: true; answerId: string | null }
  | { isTold: false; error: { code: ErrorCode; message: string } }
);

/** A page that nobody can take for another, to each of these channels; each tells what came of it. */
export function testNotifiers(
  notifiers: Pick<Notifiers, "of">,
  channels: readonly Channel[],
  deadlineMs: number,
  sentBy = "npx tourniquet notify test",
): Promise<TestResult[]> {
  const id = `test-${randomUUID()}`;
  const now = Date.now();
  const notification = compose({
    ...{ kind: "test", action: "trigger", dedupKey: id, priority: "P3" },
    title: "Test page of Tourniquet: nothing has happened",
    lines: [`Sent by ${sentBy}. If you read this, this channel works.`],
    ...{ agentId: null, incidentId: null, link: null },
  });
  return Promise.all(
    channels.map(async (channel) => {
      try {
        const sent = await notifiers.of(channel)?.send({ id, at: now, now, notification }, { deadlineMs });
        return { channel, isTold: true as const, answerId: sent?.answerId ?? null };
      } catch (error) {
        return { channel, isTold: false as const, error: describeError(error) };
      }
    }),
  );
}
