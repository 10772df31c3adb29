import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PageKind } from "../../src/incident/jobs.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { allAt, onlyAt, secrets } from "./notifiers/channels.ts";
import { type Receiver, startReceiver, status } from "./receiver.ts";
import { type Telling, telling } from "./telling.ts";

let stores: Stores;
let receiver: Receiver;
let told: Telling;
beforeAll(async () => {
  stores = await openStores();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await stores.close();
});
beforeEach(async () => {
  await stores.redis.flushdb();
  receiver.received.length = 0;
  receiver.answers.length = 0;
  told = telling(stores, allAt(receiver.url));
});
afterEach(() => told.close());

const open = async () => (await stores.incidents.open(openRequest())).incidentId;
const over = (incidentId: string) => stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
/** Decided: its sends wait. Answers the job of each channel. */
async function paged(incidentId: string, what: PageKind = "contained") {
  await told.page({ incidentId, what });
  return (channel: string) => told.sends().find(({ data }) => data.channel === channel && data.what === what)!.jobId;
}
const notes = async (incidentId: string) =>
  (await stores.incidents.view(incidentId))!.timeline.filter(({ what }) => what.startsWith("page-"));
const bodies = () => receiver.received.map(({ text }) => JSON.parse(text));

describe("a channel that takes the page", () => {
  it("is noted in the incident with what it calls the delivery, and is not told the same page again", async () => {
    const incidentId = await open();
    const job = (await paged(incidentId))("pagerduty");
    expect(await told.send(job)).toEqual({ answer: "delivered", channel: "pagerduty", answerId: "req-1" });
    expect(await told.send(job)).toEqual({ answer: "delivered-before", channel: "pagerduty" });
    expect(receiver.received).toHaveLength(1);
    const detail = { channel: "pagerduty", what: "contained", page: job, answerId: "req-1" };
    expect(await notes(incidentId)).toMatchObject([{ what: "page-sent", phase: "contain", detail }]);
    const ledger = await stores.redis.lrange(`{tq:0}:incident:${incidentId}:ledger`, 0, -1);
    expect(ledger.at(-1)).toContain('"what":"page-sent"');
  });

  it("killed before that was noted it is told again, under the same name", async () => {
    const incidentId = await open();
    const names = await paged(incidentId);
    const { note } = told.ports.incidents;
    for (const channel of ["pagerduty", "webhook"]) {
      told.ports.incidents.note = () => Promise.reject(new Error("killed"));
      await expect(told.send(names(channel))).rejects.toThrow();
      told.ports.incidents.note = note;
      expect((await told.send(names(channel))).answer).toBe("delivered");
    }
    const [first, second, third, fourth] = receiver.received;
    expect(JSON.parse(first!.text).dedup_key).toBe(incidentId);
    expect(JSON.parse(second!.text).dedup_key).toBe(incidentId);
    expect(third!.headers["webhook-id"]).toBe(fourth!.headers["webhook-id"]);
  });

  it("no longer there is nothing to try", async () => {
    const job = (await paged(await open()))("slack");
    told.ports.notifiers = telling(stores, onlyAt("webhook", receiver.url)).ports.notifiers;
    expect(await told.send(job)).toEqual({ answer: "not-configured", channel: "slack" });
  });

  it("hears nothing of what has come about meanwhile", async () => {
    const incidentId = await open();
    const job = (await paged(incidentId, "not-frozen-in-time"))("slack");
    await stores.incidents.stamp(incidentId, "effectiveAt");
    expect(await told.send(job)).toEqual({ answer: "not-needed", channel: "slack" });
  });
});

describe("a channel that fails for now", () => {
  it("is tried again alone; nothing is noted, and nobody else is bothered", async () => {
    const incidentId = await open();
    const job = (await paged(incidentId))("slack");
    receiver.answers.push(status(503, { "retry-after": "3" }));
    await expect(told.send(job)).rejects.toMatchObject({ code: "notifier-failed", detail: { retryAfterMs: 3_000 } });
    expect(await notes(incidentId)).toEqual([]);
    expect(told.booked()).toHaveLength(3);
    expect((await told.send(job, { number: 2 })).answer).toBe("delivered");
    expect(await stores.pages.counts()).toEqual([
      { channel: "slack", outcome: "failed", count: 1 },
      { channel: "slack", outcome: "delivered", count: 1 },
    ]);
  });

  it("for some forty seconds, twelve attempts, is told of to the others, once, and tried on", async () => {
    const job = (await paged(await open()))("slack");
    const fail = async (number: number) => {
      receiver.answers.push(status(500));
      await expect(told.send(job, { number })).rejects.toThrow();
    };
    await fail(11);
    expect(told.booked()).toHaveLength(3);
    await fail(12);
    await fail(13);
    expect(told.booked().slice(3)).toEqual(["pagerduty page-failed", "webhook page-failed"]);
    await told.send(`${job}-failed-webhook`);
    expect(bodies().at(-1)).toMatchObject({
      type: "page.page-failed",
      data: { title: expect.stringMatching(/^Slack could not be told: Contained: agent-7/) },
    });
    expect((await told.send(job, { number: 14 })).answer).toBe("delivered");
  });
});

describe("a channel that fails for good", () => {
  it.each([
    ["refuses", status(404), { number: 1 }, "notifier-refused"],
    ["was tried to the last", status(500), { number: 400, isLast: true }, "notifier-failed"],
  ])("because it %s: noted, and the others are told", async (_, answer, attempt, code) => {
    const incidentId = await open();
    const job = (await paged(incidentId))("slack");
    receiver.answers.push(answer);
    await expect(told.send(job, attempt)).rejects.toMatchObject({ code });
    const [failed] = await notes(incidentId);
    expect(failed).toMatchObject({ what: "page-failed", detail: { channel: "slack", what: "contained", code } });
    expect(failed!.detail.reason).toMatch(/^slack .*status/);
    expect(told.booked().slice(3)).toEqual(["pagerduty page-failed", "webhook page-failed"]);
    expect(told.logged.some(({ line }) => line.includes("page.lost"))).toBe(false);
  });

  it("rings no pager for a page that would not have rung it, and is not told of in circles", async () => {
    const incidentId = await open();
    await over(incidentId);
    const job = (await paged(incidentId, "stood-down"))("slack");
    receiver.answers.push(status(404), status(404));
    await expect(told.send(job)).rejects.toThrow();
    expect(told.booked().slice(3)).toEqual(["webhook page-failed"]);
    await expect(told.send(`${job}-failed-webhook`)).rejects.toThrow();
    expect(told.booked()).toHaveLength(4);
  });

  it("with all the others is the loudest line there is: the page is lost", async () => {
    const incidentId = await open();
    const names = await paged(incidentId);
    for (const channel of ["slack", "pagerduty", "webhook"]) {
      expect(told.logged.filter(({ line }) => line === "error page.lost")).toEqual([]);
      receiver.answers.push(status(403));
      await expect(told.send(names(channel))).rejects.toThrow();
    }
    const counts = (await stores.pages.counts()).map(({ channel, outcome, count }) => `${channel} ${outcome} ${count}`);
    expect(counts.sort()).toEqual(["pagerduty given-up 1", "slack given-up 1", "webhook given-up 1", "webhook lost 1"]);
    expect(told.logged.at(-1)).toMatchObject({
      line: "error page.lost",
      fields: { incidentId, what: "contained", channels: ["webhook", "slack", "pagerduty"] },
    });
  });

  it("is lost too where it was about no incident", async () => {
    told = telling(stores, onlyAt("slack", receiver.url));
    const signal = aSignal({ kind: "budget-warning", severity: "warning" });
    await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "line" });
    await told.page({ signalId: signal.id, what: "signal" });
    receiver.answers.push(status(404));
    await expect(told.send(told.sends()[0]!.jobId)).rejects.toThrow();
    expect(told.logged.at(-1)?.line).toBe("error page.lost");
  });

  it("never shows where it leads or how it is signed: not in the log, not in the incident, not in a job", async () => {
    const incidentId = await open();
    const names = await paged(incidentId);
    for (const channel of ["slack", "pagerduty", "webhook"]) {
      receiver.answers.push(status(403, {}, secrets.join(" ")));
      await told.send(names(channel)).catch((error: Error) => told.logged.push({ line: error.stack!, fields: {} }));
    }
    const keys = await stores.redis.keys("*incident*");
    const stored = await Promise.all(
      keys.map(async (key) => {
        const type = await stores.redis.type(key);
        return type === "list" ? stores.redis.lrange(key, 0, -1) : type === "hash" ? stores.redis.hgetall(key) : key;
      }),
    );
    const seen = JSON.stringify([told.logged, told.ports.dispatch.added, stored]);
    expect(seen).toContain("page-failed");
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(seen).not.toContain(receiver.url.replace("http://", ""));
  });
});

describe("a pager and the end of an incident", () => {
  it("a page that comes too late closes the alert instead of ringing", async () => {
    const incidentId = await open();
    const names = await paged(incidentId);
    await over(incidentId);
    await told.send(names("pagerduty"));
    await told.send(names("slack"));
    expect(bodies()[0]).toMatchObject({ event_action: "resolve", dedup_key: incidentId });
    expect(bodies()[1].text).toMatch(/^P0 Contained/);
  });

  it("a page that crosses the end on its way is followed by the close", async () => {
    const incidentId = await open();
    const names = await paged(incidentId);
    receiver.answers.push((response) => void over(incidentId).then(() => response.writeHead(202).end()));
    await told.send(names("pagerduty"));
    expect(bodies().map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
  });

  it.each([
    ["acknowledged", "acknowledge"],
    ["resolved", "resolve"],
    ["stood-down", "resolve"],
    ["superseded", "resolve"],
    ["contained", "trigger"],
    ["stepped-back", "trigger"],
  ] as const)("hears of %s as %s, under the incident's id", async (what, action) => {
    const incidentId = await open();
    if (action === "resolve") await over(incidentId);
    await told.send((await paged(incidentId, what))("pagerduty"));
    expect(bodies()).toMatchObject([{ event_action: action, dedup_key: incidentId }]);
  });
});
