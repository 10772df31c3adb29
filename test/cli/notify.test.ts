import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ROUTING_KEY, SLACK_PATH, secrets } from "../notify/notifiers/channels.ts";
import { type Receiver, startReceiver, status } from "../notify/receiver.ts";
import { runCommandWith } from "./run-command.ts";

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
});

const run = (...args: string[]) => {
  const environment = {
    SLACK_WEBHOOK_URL: `${receiver.url}${SLACK_PATH}`,
    PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
    PAGERDUTY_EVENTS_URL: receiver.url,
  };
  return runCommandWith(environment, "notify", "test", ...args);
};

describe("tourniquet notify test", () => {
  it("tells every configured channel, marked as a test, and needs no Redis for it", async () => {
    const { code, out } = await run("--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      { channel: "slack", isTold: true, answerId: "req-1" },
      { channel: "pagerduty", isTold: true, answerId: "req-1" },
    ]);
    const texts = receiver.received.map(({ text }) => text);
    for (const text of texts) expect(text).toContain("Test page of Tourniquet: nothing has happened");
    expect(texts.map((text) => JSON.parse(text).payload?.severity).filter(Boolean)).toEqual(["info"]);
  }, 60_000);

  it("says what a channel refused and how to mend it, without where it leads; status 1", async () => {
    receiver.answers.push(status(404));
    const { code, out } = await run("--channel", "slack");
    expect(code).toBe(1);
    expect(out).toMatch(/slack +slack refused the page \(status 404\).*SLACK_WEBHOOK_URL/);
    for (const secret of secrets) expect(out).not.toContain(secret);
    expect(receiver.received).toHaveLength(1);
  }, 60_000);

  it("says which variable a channel lacks, and that nobody is told where there is none", async () => {
    const [missing, none] = await Promise.all([run("--channel", "webhook"), runCommandWith({}, "notify", "test")]);
    expect(missing.code).not.toBe(0);
    expect(`${missing.out}${missing.err}`).toContain("set NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET");
    expect(none).toMatchObject({ code: 1, out: expect.stringMatching(/no channel is configured/) });
  }, 60_000);
});
