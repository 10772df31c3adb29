import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IncidentView } from "../../src/incident/incident.ts";
import { type About, type PageKind, pageKinds } from "../../src/incident/jobs.ts";
import type { Recovery } from "../../src/incident/recovery.ts";
import { atRisk } from "../../src/notify/at-risk.ts";
import type { Notification } from "../../src/notify/notification.ts";
import { pageRules } from "../../src/notify/page-kinds.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { allAt } from "./notifiers/channels.ts";
import { type Telling, telling } from "./telling.ts";

let stores: Stores;
let told: Telling;
let opened: IncidentView;
const warning = aSignal({ kind: "budget-warning", severity: "warning" });
beforeAll(async () => {
  stores = await openStores();
  told = telling(stores, allAt("http://127.0.0.1:9"));
  const { incidentId } = await stores.incidents.open(openRequest());
  opened = (await stores.incidents.view(incidentId))!;
  await stores.verdicts.keep({ signal: warning, tier: "alert-human", decidedBy: "line 3" });
  const question = { id: "shutdown", kind: "shutdown", what: "Freeze all?", cascadeId: null, verdicts: [] } as const;
  await stores.fleet.ask(question);
});
afterAll(() => stores.close());

const recovery: Recovery = {
  ...{ by: "ada", rootCause: "a retry without an end", fix: "a limit", askedAt: 1, gates: {}, epoch: 2 },
  rungs: [{ afterMs: 0, percent: 50, dailyCap: "250.00", monthlyCap: null }],
  ...{ rung: 0, rungAt: 2, dueAt: 3, normalAt: 4, stepBacks: 1 },
};
/** An incident in which everything that a page may speak of has happened. */
const rich = (more: Partial<IncidentView> = {}): IncidentView => ({
  ...opened,
  recovery,
  acknowledged: { by: "ada", at: 5 },
  standDown: { by: "ada", reason: "planned purchase", askedAt: 6 },
  supersededBy: "inc-0-9f86d081884c-2",
  escalation: { policy: { P0: [{ afterMs: 300_000, to: ["slack"] }] }, priority: "P0", since: 0, told: 1, reached: [] },
  timeline: [
    { at: 10, phase: "contain", what: "page-sent", detail: { channel: "slack", what: "contained" } },
    { at: 11, phase: "contain", what: "page-sent", detail: { channel: "log", what: "contained" } },
    { at: 300_000, phase: "contain", what: "escalated", detail: { level: 0 } },
    { at: 12, phase: "recover", what: "recovery-refused", detail: { reason: "its reputation fell" } },
    { at: 13, phase: "recover", what: "relapsed", detail: { why: "8 escrows", containedAnew: false } },
  ],
  ...more,
});
const isEnd = (what: PageKind) => pageRules[what].action === "resolve";
const ended = { resolved: "resolved", superseded: "resolved", "stood-down": "stood-down" } as const;

/** The page of this kind about that incident, as it would be told. */
async function pageAbout(what: PageKind, view: IncidentView): Promise<Notification> {
  const status = isEnd(what) ? ended[what as keyof typeof ended] : view.status;
  const supersededBy = what === "superseded" ? view.supersededBy : null;
  // It is told only while nobody has taken the incident on.
  const acknowledged = what === "escalated" ? null : view.acknowledged;
  told.ports.incidents.view = async () => ({ ...view, status, supersededBy, acknowledged });
  const about: Partial<About> = { incidentId: opened.id };
  if (what === "signal") Object.assign(about, { incidentId: null, signalId: warning.id });
  if (what.endsWith("-waiting")) Object.assign(about, { incidentId: null, approvalId: "shutdown" });
  if (what === "answered")
    Object.assign(about, { incidentId: null, approvalId: "shutdown", answered: { askedAt: 5, said: "no", by: "ada" } });
  if (what === "dead-letter") about.deadLetter = { queue: "contain", jobId: "contain-1" };
  const failed = { failed: { channel: "slack", what: "contained" } } as const;
  const page = await told.read({ ...about, what, ...(what === "page-failed" && failed) });
  if (page === null || page === "not-needed") throw new Error(`no page: ${what}`);
  return page;
}

describe.each(pageKinds.filter((kind) => !kind.startsWith("cascade")))("the page %s (N3)", (what) => {
  it.each([
    ["rich in detail", () => rich()],
    ["bare", () => ({ ...rich(), ...opened })],
  ])("says in one line what happened, of an incident that is %s", async (_, view) => {
    const { title, lines, link, kind } = await pageAbout(what, view());
    expect(kind).toBe(what);
    expect(title.length).toBeGreaterThan(15);
    expect(title.length).toBeLessThanOrEqual(250);
    const text = [title, ...lines].join("\n");
    expect(text).not.toMatch(/undefined|null|NaN|\[object/);
    expect(lines.length).toBeGreaterThan(1);
    expect(link).toMatch(/^https:\/\/tourniquet\.example\/(incidents|signals|fleet|dead-letters)/);
  });
});

describe("what a receiver does with a page", () => {
  it("opens an alert only for what wakes somebody: news of a recovery, or of the post-mortem, is a note", async () => {
    for (const what of pageKinds.filter((kind) => !kind.startsWith("cascade"))) {
      const { action } = await pageAbout(what, rich());
      expect(action === "trigger", what).toBe(pageRules[what].wakes);
    }
    expect((await pageAbout("post-mortem", rich())).action).toBe("note");
  });

  it("opens none for news that could not be told elsewhere", async () => {
    told.ports.incidents.view = async () => rich();
    const failed = async (what: PageKind) => {
      const page = await told.read({ incidentId: opened.id, what: "page-failed", failed: { channel: "slack", what } });
      return page !== null && page !== "not-needed" && page.action;
    };
    expect(await failed("contained")).toBe("trigger");
    expect(await failed("rung-taken")).toBe("note");
    expect(await failed("acknowledged")).toBe("note");
  });
});

describe("docs/notifications.md", () => {
  it("says of every page when it comes and whether it rings", () => {
    const text = readFileSync(new URL("../../docs/notifications.md", import.meta.url), "utf8");
    const named = [...text.matchAll(/^\| ((?:`[\w-]+`,? ?)+)\|.*\|$/gm)].flatMap(
      ([, kinds]) => kinds!.match(/[\w-]+/g)!,
    );
    expect([...pageKinds].filter((kind) => !named.includes(kind))).toEqual([]);
  });
});

describe("what each page tells", () => {
  it.each<[PageKind, RegExp]>([
    ["escalated", /^Nobody acknowledged for 5 min: agent-7 is not contained yet/],
    ["acknowledged", /^agent-7 is taken on by ada$/],
    ["recovery-asked", /^ada asks to bring agent-7 back: a retry without an end$/],
    ["recovery-refused", /^agent-7 is not brought back and stays held: its reputation fell$/],
    ["rung-taken", /^agent-7 may spend 50 % of its caps from before again$/],
    ["stepped-back", /^agent-7 does not recover as planned and steps back: 8 escrows$/],
    ["resolved", /^Resolved: agent-7 has its caps back/],
    ["superseded", /new trouble, inc-0-9f86d081884c-2, took its place$/],
    ["stood-down", /^ada released agent-7: planned purchase$/],
    ["post-mortem", /^The post-mortem of agent-7 is written$/],
    ["observed", /^Dry run: agent-7 would have been contained; nothing was done, and it goes on$/],
    ["dead-letter", /failed for good/],
    ["page-failed", /^Slack could not be told: /],
    ["shutdown-waiting", /^Shut the whole fleet down\? It waits for you$/],
  ])("%s", async (what, title) => {
    expect((await pageAbout(what, rich())).title).toMatch(title);
  });

  it("of an escalation names who was told before, and that the log alone is nobody", async () => {
    const text = async (view: IncidentView) => (await pageAbout("escalated", view)).lines[0];
    expect(await text(rich())).toBe("Told before, without an answer: Slack");
    expect(await text(rich({ timeline: [] }))).toBe("Told before: nobody, only the log");
  });

  it("says how to take it on wherever a person is woken, and no longer once somebody has", async () => {
    const asks = async (what: PageKind, view: IncidentView) =>
      (await pageAbout(what, view)).lines.some((line) =>
        line.includes(`npx tourniquet incidents ack ${opened.id} --by`),
      );
    const untaken = rich({ acknowledged: null });
    for (const what of ["contained", "freeze-failing", "hold-breached", "stepped-back"] as const) {
      expect(await asks(what, untaken), what).toBe(true);
      expect(await asks(what, rich()), what).toBe(false);
    }
    expect(await asks("rung-taken", untaken)).toBe(false);
    expect(await asks("observed", rich({ acknowledged: null, dryRun: true }))).toBe(false);
  });

  it("has a link for everything, and none without PUBLIC_URL", async () => {
    expect((await pageAbout("contained", rich())).link).toBe(`https://tourniquet.example/incidents/${opened.id}`);
    told.ports.publicUrl = undefined;
    expect((await pageAbout("contained", rich())).link).toBeNull();
    told.ports.publicUrl = "https://tourniquet.example";
  });
});

describe("money at risk", () => {
  const saying = (observed: Record<string, string | number>, thresholds: Record<string, string | number> = {}) =>
    aSignal({ why: { ...aSignal().why, observed, thresholds } });
  const dollars = { locked: "46800.00", recovered: "300.00", lost: "100.00" };
  const line = (signals: IncidentView["signals"], effectiveAt: number | null = null) =>
    atRisk(rich({ dollars, signals, effectiveAt, status: "contained", escrowsCountedAt: 1 }));

  it("is what is still held, and how fast it went, by the signal that saw most", () => {
    const loop = saying({ count: 8, total: "1200.00", seconds: 17 });
    expect(line([loop])).toBe(
      "At risk: 46400.00 held, +1200.00/min (1200.00 within 17 s, counted over a whole minute)",
    );
    expect(line([loop, saying({ total: "500.00" }, { limitPerMinute: "100.00" })])).toContain(
      "+1200.00/min (1200.00 within 17 s",
    );
    expect(line([saying({ total: "500.00" }, { intervalMs: 300_000 })])).toBe(
      "At risk: 46400.00 held, +100.00/min over 300 s",
    );
  });

  it("counts over at least a minute, as a post-mortem does, and says what went in less", () => {
    const rate = (seconds: number) => line([saying({ total: "500.00", seconds })]).replace(/.*held, /, "");
    expect(rate(59.9)).toBe("+500.00/min (500.00 within 60 s, counted over a whole minute)");
    expect(rate(60)).toBe("+500.00/min over 60 s");
    expect(rate(61)).toBe("+491.80/min over 61 s");
    expect(rate(0)).toBe("+500.00/min (500.00 within 1 s, counted over a whole minute)");
  });

  it("says no rate where none was measured, and that it was so where the freeze has taken hold", () => {
    expect(line([saying({ count: 8 })])).toBe("At risk: 46400.00 held");
    expect(line([saying({ count: 8, seconds: 17 })])).toBe("At risk: 46400.00 held");
    expect(line([saying({ total: "500.00", seconds: 60 })], 1)).toBe(
      "At risk: 46400.00 held, was +500.00/min over 60 s",
    );
  });

  it("is never a zero that nobody counted: what the alarm saw go, at least", () => {
    const none = { locked: "0.00", recovered: "0.00", lost: "0.00" };
    const uncounted = { dollars: none, status: "containing", effectiveAt: null, escrowsCountedAt: null } as const;
    const seen = [saying({ total: "900.00", seconds: 60 })];
    expect(atRisk(rich({ ...uncounted, signals: seen }))).toBe(
      "At risk: at least 900.00, not all counted yet, +900.00/min over 60 s",
    );
    expect(atRisk(rich({ ...uncounted, signals: [saying({ count: 8 })] }))).toBe("At risk: not counted yet");
    // Not frozen: it can have opened more since they were read.
    const read = { ...uncounted, escrowsCountedAt: 1, dollars: { ...none, locked: "150.00" } };
    expect(atRisk(rich({ ...read, signals: [] }))).toBe("At risk: at least 150.00, not all counted yet");
  });
});
