import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyStandard } from "../../../src/greenhelix/signature.ts";
import type { Channel } from "../../../src/incident/escalation.ts";
import { compose, type Notification } from "../../../src/notify/notification.ts";
import { type Notifiers, openNotifiers } from "../../../src/notify/notifiers/index.ts";
import { type Receiver, startReceiver } from "../receiver.ts";
import { allAt, aPage, HOOK_SECRET, ROUTING_KEY, SECONDARY_KEY, SLACK_PATH } from "./channels.ts";

let receiver: Receiver;
let notifiers: Notifiers;
const logged: { fields: Record<string, unknown>; what: string }[] = [];
const log = {
  info: () => undefined,
  warn: (fields: Record<string, unknown>, what: string) => void logged.push({ fields, what }),
  error: () => undefined,
};
beforeAll(async () => {
  receiver = await startReceiver();
  notifiers = openNotifiers(allAt(receiver.url), { allowPrivateHosts: false }, log);
});
afterAll(async () => {
  await notifiers.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
});

const at = Date.UTC(2026, 10, 20, 2, 47);
async function sent(channel: Channel | "log", more: Partial<Notification> = {}, now = Date.now()) {
  await notifiers.of(channel)!.send({ id: "msg_1", at, now, notification: compose(aPage(more)) });
  return receiver.received.at(-1)!;
}
const bodyOf = async (channel: Channel, more?: Partial<Notification>) => JSON.parse((await sent(channel, more)).text);

describe("a note", () => {
  it("is not sent to PagerDuty, which would open an alert for it, and is one to every other receiver", async () => {
    await sent("pagerduty", { action: "note" });
    expect(receiver.received).toEqual([]);
    expect((await bodyOf("webhook", { action: "note" })).data).toMatchObject({ action: "note" });
  });
});

describe("Slack", () => {
  const textsOf = (body: { blocks: { text: { text: string } }[] }) => body.blocks.map(({ text }) => text.text);

  it("gets a heading, the lines, a link, and a text for where blocks are not shown", async () => {
    const { path, text } = await sent("slack");
    expect(path).toBe(SLACK_PATH);
    expect(JSON.parse(text).text).toBe("P0 Contained: agent-7 is frozen");
    expect(textsOf(JSON.parse(text))).toEqual([
      "*P0* Contained: agent-7 is frozen",
      "Why: a loop\nAt risk: 46800.00 held",
      "<https://tourniquet.example/incidents/inc-0-9f86d081884c-1|Open>",
    ]);
  });

  it("mentions nobody, whatever an agent is called: what could be a mention or a link is text", async () => {
    const evil = "<!channel> <@U123> <https://evil.example|click> & co";
    const body = await bodyOf("slack", { title: evil, lines: [evil], link: null });
    const said = "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|click&gt; &amp; co";
    expect(textsOf(body)).toEqual([`*P0* ${said}`, said]);
    expect(body.text).toBe(`P0 ${said}`);
    for (const block of body.blocks) expect(block.text).toMatchObject({ type: "mrkdwn", verbatim: true });
  });

  it("gets no more than it takes: 3000 characters a section, 50 blocks, no entity cut in half", async () => {
    const lines = [...Array.from({ length: 190 }, () => "<&>".repeat(600)), "the end"];
    const texts = textsOf(await bodyOf("slack", { lines }));
    expect(texts.length).toBeLessThanOrEqual(50);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(3_000);
      if (!text.startsWith("<https")) expect(text.replace(/&(amp|lt|gt);/g, "")).not.toMatch(/[&<>]/);
    }
    expect(texts.at(-2)).toContain("and more");
  });

  it("gets many short lines in one section", async () => {
    const texts = textsOf(await bodyOf("slack", { lines: Array.from({ length: 100 }, (_, index) => `line ${index}`) }));
    expect(texts).toHaveLength(3);
  });
});

describe("PagerDuty", () => {
  it("opens an alert under the incident's id, as urgent as the incident, with a link", async () => {
    const { path, text } = await sent("pagerduty");
    expect(path).toBe("/v2/enqueue");
    expect(JSON.parse(text)).toEqual({
      routing_key: ROUTING_KEY,
      event_action: "trigger",
      dedup_key: "inc-0-9f86d081884c-1",
      client: "Tourniquet",
      client_url: "https://tourniquet.example/incidents/inc-0-9f86d081884c-1",
      links: [{ href: "https://tourniquet.example/incidents/inc-0-9f86d081884c-1", text: "Open" }],
      payload: {
        summary: "P0 Contained: agent-7 is frozen",
        source: "agent-7",
        severity: "critical",
        timestamp: "2026-11-20T02:47:00.000Z",
        class: "contained",
        component: "inc-0-9f86d081884c-1",
        custom_details: { priority: "P0", text: "Why: a loop\nAt risk: 46800.00 held" },
      },
    });
  });

  it.each(["acknowledge", "resolve"] as const)("is told to %s the same alert", async (action) => {
    expect(await bodyOf("pagerduty", { action })).toEqual({
      routing_key: ROUTING_KEY,
      event_action: action,
      dedup_key: "inc-0-9f86d081884c-1",
    });
  });

  it.each([
    ["P0", "critical"],
    ["P1", "error"],
    ["P2", "warning"],
    ["P3", "info"],
  ] as const)("calls %s %s", async (priority, severity) => {
    expect((await bodyOf("pagerduty", { priority })).payload.severity).toBe(severity);
  });

  it("wakes the secondary with its own key", async () => {
    expect((await bodyOf("pagerduty-secondary")).routing_key).toBe(SECONDARY_KEY);
  });

  it("gets keys of at most 255 characters and summaries of at most 1024; has no link where there is none", async () => {
    const event = await bodyOf("pagerduty", { dedupKey: "k".repeat(255), link: null });
    expect(event.dedup_key).toBe("k".repeat(255));
    expect(event).not.toHaveProperty("links");
    const long = await bodyOf("pagerduty", { dedupKey: "k".repeat(256), title: "💸".repeat(900) });
    expect(long.dedup_key).toMatch(/^[0-9a-f]{64}$/);
    expect(long.payload.summary.length).toBeLessThanOrEqual(1_024);
    expect(long.payload.summary.isWellFormed()).toBe(true);
  });
});

describe("the signed webhook", () => {
  const verdictOf = ({ headers, text }: Awaited<ReturnType<typeof sent>>, nowMs: number, body = text) =>
    verifyStandard(
      [HOOK_SECRET],
      {
        id: headers["webhook-id"] as string,
        timestamp: headers["webhook-timestamp"] as string,
        signature: headers["webhook-signature"] as string,
      },
      body,
      nowMs,
    );

  it("says everything, and is signed as Standard Webhooks over the bytes that are sent", async () => {
    const now = Date.now();
    const delivery = await sent("webhook", { title: "Überwies 💸" }, now);
    expect(verdictOf(delivery, now)).toEqual({ ok: true, secretIndex: 0 });
    expect(verdictOf(delivery, now, delivery.text.replace("46800", "1")).ok).toBe(false);
    expect(JSON.parse(delivery.text)).toEqual({
      type: "page.contained",
      timestamp: "2026-11-20T02:47:00.000Z",
      data: { id: "msg_1", ...aPage({ title: "Überwies 💸" }) },
    });
    expect(delivery.path).toBe("/pages?token=hook-secret-token");
  });

  it("is signed anew at every attempt, under the same id", async () => {
    const now = Date.now();
    const first = await sent("webhook", {}, now - 3_600_000);
    const second = await sent("webhook", {}, now);
    expect(first.headers["webhook-id"]).toBe(second.headers["webhook-id"]);
    expect(first.text).toBe(second.text);
    expect(verdictOf(first, now)).toEqual({ ok: false, reason: "timestamp-out-of-window" });
    expect(verdictOf(second, now).ok).toBe(true);
  });
});

describe("the log", () => {
  it("has every page as one line with all of it", async () => {
    await notifiers.of("log")!.send({ id: "x", at, now: at, notification: aPage() });
    expect(logged.at(-1)).toEqual({ fields: { page: aPage() }, what: "page.sent: P0 Contained: agent-7 is frozen" });
  });
});

describe("a text that an agent chose", () => {
  it("breaks no line, hides nothing and turns nothing round", () => {
    const page = compose(
      aPage({ title: "a\r\nb\u0000c\u202egnp.exe\u2066\u200b", lines: ["x\ty\u001b[31m", "\ud800"] }),
    );
    expect(page.title).toBe("a bcgnp.exe".replace("bc", "b c"));
    expect(page.lines).toEqual(["x y [31m", "\ufffd"]);
  });

  it("is cut where it is too long, between characters", () => {
    const { title } = compose(aPage({ title: `${"a".repeat(248)}💸💸` }));
    expect(title).toBe(`${"a".repeat(248)}…`);
    expect(compose(aPage({ title: "a".repeat(250) })).title).toBe("a".repeat(250));
  });
});
