import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Priority } from "../../src/incident/incident.ts";
import { type PageKind, pageKinds } from "../../src/incident/jobs.ts";
import { pageRules } from "../../src/notify/page-kinds.ts";
import { MOST_PER_HOUR } from "../../src/notify/tell.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { allAt, onlyAt } from "./notifiers/channels.ts";
import { type Telling, telling } from "./telling.ts";

const NOWHERE = "http://127.0.0.1:9";
let stores: Stores;
let told: Telling;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  told = telling(stores, allAt(NOWHERE));
});

const open = async (priority: Priority = "P0") =>
  (await stores.incidents.open(openRequest({}, { priority }))).incidentId;
const sentTo = async (what: PageKind, priority: Priority) => {
  await told.page({ incidentId: await open(priority), what });
  return told.booked().map((line) => line.split(" ")[0]);
};
/** As if what was told so far had been told so much earlier. */
async function earlier(about: string, ms: number) {
  const key = `{tq:0}:told:${about}`;
  for (const [page, value] of Object.entries(await stores.redis.hgetall(key))) {
    const [at, ...rest] = value.split(" ");
    await stores.redis.hset(key, page, [Number(at) - ms, ...rest].join(" "));
  }
}
const MINUTE = 60_000;

describe("who is told (P2)", () => {
  it.each([
    ["P0", ["slack", "pagerduty", "webhook"]],
    ["P1", ["slack", "pagerduty", "webhook"]],
    ["P2", ["slack", "webhook"]],
    ["P3", []],
  ] as const)("of %s: %j, and the log always", async (priority, channels) => {
    expect(await sentTo("contained", priority)).toEqual(channels);
    expect(told.logged.map(({ line }) => line)).toEqual([expect.stringMatching(`^warn page.sent: ${priority} `)]);
  });

  it("follows the priority of the moment, not of when the page was booked", async () => {
    const incidentId = await open("P2");
    await stores.incidents.countBreach(incidentId, {});
    await told.page({ incidentId, what: "hold-breached" });
    expect(told.booked()).toContain("pagerduty hold-breached");
  });

  it("skips a channel that is not there; where there is none, the incident says that only the log was told", async () => {
    told = telling(stores, onlyAt("slack", NOWHERE));
    const incidentId = await open();
    expect(await told.page({ incidentId, what: "contained" })).toEqual({ answer: "sent", channels: ["slack"] });
    told = telling(stores, {
      slack: undefined,
      pagerduty: undefined,
      "pagerduty-secondary": undefined,
      webhook: undefined,
    });
    expect(await told.page({ incidentId, what: "observed" })).toEqual({ answer: "sent", channels: [] });
    const { timeline } = (await stores.incidents.view(incidentId))!;
    expect(timeline.at(-1)).toMatchObject({ what: "page-sent", detail: { channel: "log", what: "observed" } });
  });

  it("is what the settings say", async () => {
    told = telling(stores, allAt(NOWHERE), "notify: { routes: { P0: [webhook], P3: [pagerduty-secondary] } }");
    expect(await sentTo("contained", "P0")).toEqual(["webhook"]);
  });

  it("a warning alone is a P2, and a cascade a P0", async () => {
    const signal = aSignal({ kind: "budget-warning", severity: "warning" });
    await stores.verdicts.keep({ signal, tier: "alert-human", decidedBy: "line" });
    await told.page({ signalId: signal.id, what: "signal" });
    expect(told.booked()).toEqual(["slack signal", "webhook signal"]);
    expect(told.logged[0]?.line).toMatch(/^warn page.sent: P2 /);
  });

  const quiet = pageKinds.filter((kind) => !pageRules[kind].wakes && pageRules[kind].action === "trigger");
  it.each(quiet)("nobody is rung up for %s", async (what) => {
    expect(await sentTo(what, "P0")).toEqual(["slack", "webhook"]);
  });

  it.each(["resolved", "stood-down", "superseded", "acknowledged"] as const)(
    "of %s is everybody who was told of the incident, the secondary too, whatever the route says now",
    async (what) => {
      const incidentId = await open("P2");
      if (what !== "acknowledged") await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
      await stores.incidents.note(incidentId, "contain", "page-sent", {
        channel: "pagerduty-secondary",
        what: "escalated",
      });
      await told.page({ incidentId, what });
      expect(told.booked()).toEqual([`slack ${what}`, `pagerduty-secondary ${what}`, `webhook ${what}`]);
    },
  );
});

describe("the same page, booked again and again", () => {
  it("is told once in ten minutes, and then again while it lasts", async () => {
    const incidentId = await open();
    const failing = () => told.page({ incidentId, what: "freeze-failing" });
    expect((await failing()).answer).toBe("sent");
    for (let again = 0; again < 5; again += 1) expect(await failing()).toEqual({ answer: "told-lately" });
    await earlier(incidentId, 10 * MINUTE - 5_000);
    expect((await failing()).answer).toBe("told-lately");
    await earlier(incidentId, 5_000);
    expect((await failing()).answer).toBe("sent");
    expect(told.booked().filter((line) => line === "pagerduty freeze-failing")).toHaveLength(2);
    expect(new Set(told.sends().map(({ jobId }) => jobId)).size).toBe(6);
  });

  it("is told at once where something else is new", async () => {
    const incidentId = await open();
    await told.page({ incidentId, what: "contained" }, "page-x-P0-freeze-100.00-contained");
    expect((await told.page({ incidentId, what: "contained" }, "page-x-P0-freeze-250.00-contained")).answer).toBe(
      "sent",
    );
    expect((await told.page({ incidentId, what: "contained" }, "page-x-P0-freeze-250.00-contained")).answer).toBe(
      "told-lately",
    );
  });
});

describe("a flood of pages about one incident", () => {
  it("ends after twelve within an hour: the twelfth says so, the rest is in the log", async () => {
    const incidentId = await open();
    const page = (index: number) => told.page({ incidentId, what: "contained" }, `page-${index}`);
    for (let index = 1; index <= MOST_PER_HOUR; index += 1) expect((await page(index)).answer).toBe("sent");
    expect(told.sends().filter(({ data }) => data.isLast)).toHaveLength(3);
    expect(told.sends().at(-1)!.data.isLast).toBe(true);
    const booked = told.booked().length;
    expect(await page(13)).toEqual({ answer: "log-only", channels: [] });
    expect(await page(13)).toEqual({ answer: "told-lately" });
    expect(told.booked()).toHaveLength(booked);
    expect(told.logged).toHaveLength(13);
    await earlier(incidentId, 60 * MINUTE);
    expect((await page(14)).answer).toBe("sent");
  });

  it("holds back no page that comes only once, and none of another incident", async () => {
    const incidentId = await open();
    for (let index = 0; index < MOST_PER_HOUR; index += 1)
      await told.page({ incidentId, what: "contained" }, `page-${index}`);
    expect((await told.page({ incidentId, what: "escalated" })).answer).toBe("sent");
    expect((await told.page({ incidentId, what: "contained" }, "page-more")).answer).toBe("log-only");
    const other = (await stores.incidents.open(openRequest({ agentId: "agent-8" }))).incidentId;
    expect((await told.page({ incidentId: other, what: "contained" })).answer).toBe("sent");
  });

  it("counts what was told again: what fails for an hour is told six times, not once", async () => {
    const incidentId = await open();
    const answers: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      answers.push((await told.page({ incidentId, what: "freeze-failing" })).answer);
      await earlier(incidentId, 9.99 * MINUTE);
      answers.push((await told.page({ incidentId, what: "freeze-failing" })).answer);
      await earlier(incidentId, 0.01 * MINUTE + 1);
    }
    expect(answers.filter((answer) => answer === "sent")).toHaveLength(6);
    // The first of them is an hour ago by now: five count, and seven more go out.
    for (let index = 0; index < 9; index += 1) await told.page({ incidentId, what: "contained" }, `page-${index}`);
    expect(told.booked().filter((line) => line === "slack contained")).toHaveLength(7);
  });
});

describe("the end of an incident", () => {
  it("is booked before it comes about, told when it has, and as it came about", async () => {
    const incidentId = await open();
    const page = () => told.page({ incidentId, what: "resolved" }, `page-${incidentId}-over`);
    await expect(page()).rejects.toMatchObject({ code: "step-failed" });
    expect(told.booked()).toEqual([]);
    await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
    expect((await page()).answer).toBe("sent");
    expect(told.logged[0]?.line).toMatch(/agent-7 was released/);
  });
});

describe("a worker that dies while it decides", () => {
  it("repeats the page under the same names: nothing is lost, and nothing is told twice", async () => {
    const incidentId = await open();
    const { dispatch, pages } = told.ports;
    const { add } = dispatch;
    let calls = 0;
    dispatch.add = async (...args) => {
      calls += 1;
      if (calls === 2) throw new Error("killed");
      return add(...args);
    };
    await expect(told.page({ incidentId, what: "contained" })).rejects.toThrow("killed");
    await told.page({ incidentId, what: "contained" });
    expect(told.booked()).toEqual(["slack contained", "pagerduty contained", "webhook contained"]);
    expect(new Set(told.sends().map(({ data }) => data.at)).size).toBe(1);
    // Dead after the last job was added, before it was noted: still the same.
    const { done } = pages;
    pages.done = () => Promise.reject(new Error("killed"));
    await expect(told.page({ incidentId, what: "hold-breached" })).rejects.toThrow("killed");
    pages.done = done;
    await told.page({ incidentId, what: "hold-breached" });
    expect(told.booked().filter((line) => line.endsWith("hold-breached"))).toHaveLength(3);
  });
});
