import { describe, expect, it } from "vitest";
import type { CascadeView } from "../../../src/incident/cascade-view.ts";
import type { IncidentView, StepView } from "../../../src/incident/incident.ts";
import { pageKinds } from "../../../src/incident/jobs.ts";
import { postMortemSchema } from "../../../src/incident/post-mortem.ts";
import { compose } from "../../../src/learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../../src/learn/post-mortem/post-mortem-text.ts";
import { timelineWords } from "../../../src/learn/post-mortem/timeline-words.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { aRecoveryAt } from "../../support/recoveries.ts";
import { anIncident, escrow, everyTwoSeconds, evidenceOf, NIGHT, seconds, theLoop } from "./an-incident.ts";

const { learn } = readSettings(undefined, {});
const night = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "48650.00" });
const of = (given: Partial<IncidentView> = {}, cascade: CascadeView | null = null, now = seconds(300)) => {
  const document = compose({ incident: anIncident(given), parts: night, cascade, now, learn });
  expect(postMortemSchema.safeParse(document).error).toBeUndefined();
  return document;
};
const step = (name: string, result: Record<string, unknown>): StepView => ({
  ...{ step: name, status: "done", at: seconds(16), result },
});
const HOURS = 3_600_000;

describe("an incident of which something is left to people, since nothing runs the agent", () => {
  const byHand = (what: string) => ({ byHand: `agent control does not run it: ${what} by hand` });
  const steps = [
    step("freeze-budget", {}),
    step("revoke-tools", byHand("take its tools away")),
    step("pause-agent", byHand("pause it")),
    step("rotate-credentials", byHand("rotate its credentials")),
    step("restrict-similar", { restricted: [], byHand: [byHand("restrict agent-8 to read-only tools").byHand] }),
  ];
  const breached: Partial<IncidentView> = {
    ...{ runbooks: ["agent-breach"], runbook: "agent-breach", steps, escrows: [] },
    signals: [theLoop({ kind: "data-exfiltration", suspectPayee: null })],
  };

  it("names each of them first, for the next four hours, and in the summary", () => {
    const { actionItems, summary, effectiveness, affected } = of(breached);
    expect(actionItems.slice(0, 4).map(({ what }) => what)).toEqual([
      "By hand on procurement-17: take its tools away (agent control does not run it).",
      "By hand on procurement-17: pause it (agent control does not run it).",
      "By hand on procurement-17: rotate its credentials (agent control does not run it).",
      "By hand: restrict agent-8 to read-only tools (agent control does not run it).",
    ]);
    for (const { due } of actionItems.slice(0, 4)) expect(Date.parse(due)).toBe(seconds(18) + 4 * HOURS);
    expect(summary.left.slice(0, 1)).toEqual([actionItems[0]!.what]);
    expect(summary.happened).toContain(
      "Not done, and left to people, since agent control does not run it: take its tools away, pause it, rotate its credentials and restrict agent-8 to read-only tools.",
    );
    expect(effectiveness.containment.text).not.toContain("No step failed.");
    expect(affected.systems.join()).not.toContain("platform");
    expect(timelineWords["step-done"]?.({ step: "pause-agent", result: steps[2]!.result }, anIncident())).toBe(
      "Pausing the agent is left to a person, since agent control does not run it.",
    );
  });

  it("once the agent is let go says what is to be undone, and after a false alarm leaves its credentials alone", () => {
    const over = { ...breached, status: "resolved", closedAt: seconds(900), recovery: aRecoveryAt(2) } as const;
    expect(
      of(over)
        .actionItems.slice(0, 4)
        .map(({ what }) => what),
    ).toEqual([
      "By hand on procurement-17: give its tools back, if somebody took them away.",
      "By hand on procurement-17: let it run again, if somebody paused it.",
      "By hand on procurement-17: rotate its credentials, if nobody has yet.",
      "By hand: let agent-8 use all its tools again, if somebody restricted it.",
    ]);
    const standDown = { by: "ada", reason: "a test", askedAt: seconds(800) };
    const alarm = of({ ...breached, status: "stood-down", closedAt: seconds(900), standDown });
    expect(renderPostMortem(alarm)).not.toContain("rotate its credentials, if");
    const overtaken = of({ ...over, supersededBy: "inc-0-abc-2" });
    expect(overtaken.actionItems.filter(({ what }) => what.startsWith("By hand"))).toEqual([]);
  });
});

describe("a recovery that ended because somebody raised the caps", () => {
  const sentence =
    "procurement-17 was recovering from inc-0-abc-0, and is contained again: somebody raised its caps to 5000.00 a day; at 50 % it may have 500.00 a day.";
  const relapsed = (said: string) =>
    theLoop({
      why: {
        ...{ rule: "recovery-relapse", ruleVersion: 1, thresholds: {}, baseline: null, events: [], sentence: said },
        observed: { recovering: "inc-0-abc-0", percent: 50 },
      },
    });
  const over = { status: "resolved", closedAt: seconds(900), escrows: [] } as const;

  it("is told as that, and never as a burst of escrows", () => {
    const document = of({ ...over, signals: [relapsed(sentence)] });
    expect(document.title).toBe("procurement-17 had its caps raised while it recovered");
    expect(document.summary.happened).toContain(
      "What was seen: procurement-17 was recovering from inc-0-abc-0, and is contained again: somebody raised its caps to $5,000.00 a day; at 50 % it may have $500.00 a day.",
    );
    expect(document.summary.happened).toContain(
      "That ended the recovery from inc-0-abc-0 before the agent was back to normal.",
    );
    expect(document.impact.prevented).toMatchObject({ amount: "0.00", inputs: null });
    expect(document.actionItems[0]?.what).toMatch(/^Find out who raised the caps of procurement-17 while it recovered/);
    expect(renderPostMortem(document)).not.toMatch(/opens escrows|opened one escrow|escrow-burst/);
  });

  it("is told in the post-mortem of the incident before, too", () => {
    const detail = {
      why: "somebody raised its caps to 5000.00 a day; at 50 % it may have 500.00 a day",
      containedAnew: true,
    };
    const timeline = [{ at: seconds(800), phase: "recover", what: "relapsed", detail }] as const;
    const before = of({ ...over, recovery: aRecoveryAt(0), supersededBy: "inc-0-abc-2", timeline });
    expect(before.summary.happened.at(-1)).toBe(
      "Its recovery ended: somebody raised its caps to $5,000.00 a day; at 50 % it may have $500.00 a day. It was closed on 2026-11-22 03:02:00 UTC, 15 min after it began, because inc-0-abc-2 took its place. The agent was not back to normal by then.",
    );
  });

  it("so is one that ended by a warning, with what that was", () => {
    const warned = sentence.replace(/somebody raised.*/, "it used 85 % of its daily budget.");
    const document = of({ ...over, signals: [relapsed(warned)] });
    expect(document.title).toBe("procurement-17 fell back while it recovered");
    expect(document.actionItems[0]?.what).toBe(
      "Find out what was seen of procurement-17 while it recovered, and whether the fix of inc-0-abc-0 mends it.",
    );
  });

  it("keeps what is said of escrows where a burst of them joined it", () => {
    const document = of({ ...over, signals: [relapsed(sentence), theLoop()] });
    expect(document.actionItems.map(({ what }) => what).join()).toMatch(/raised the caps.*Find the code that opens/);
  });
});

describe("the shutdown of a whole fleet that was resumed", () => {
  const why = {
    ...{ ...theLoop().why, rule: "fleet-shutdown", thresholds: {}, events: [] },
    sentence: "The whole fleet was shut down by ada: stolen key",
  };
  const shutdown: Partial<IncidentView> = {
    ...{ runbooks: ["fleet-shutdown"], runbook: "fleet-shutdown", status: "stood-down", closedAt: seconds(600) },
    signals: [theLoop({ kind: "fleet-shutdown", suspectPayee: null, why, startedAt: seconds(15) })],
    ...{ escrows: [], standDown: { by: "grace", reason: "fleet resumed: key changed", askedAt: seconds(590) } },
  };

  it("was an order and no false alarm: nobody is advised to change a threshold", () => {
    const asked = {
      at: seconds(590),
      phase: "recover",
      what: "stand-down-asked",
      detail: shutdown.standDown!,
    } as const;
    const document = of({ ...shutdown, timeline: [asked] });
    const text = renderPostMortem(document);
    expect(document.title).toBe("procurement-17 was frozen together with the whole fleet, and released");
    expect(document.summary.happened).toContain("grace resumed the fleet: key changed.");
    expect(text).toContain("grace resumed the fleet: key changed.");
    expect(text).not.toMatch(/false alarm|threshold|trouble|event arrived|anomaly/i);
    expect(document.rootCause.falseAlarm).toBeNull();
  });
});

describe("a cascade, of which the time alone is in common", () => {
  const member = (agentId: string): CascadeView["members"][number] => ({
    ...{
      agentId,
      standing: "freezing",
      incidentId: `inc-of-${agentId}`,
      status: "contained",
      acknowledgedBy: null,
      recovery: null,
    },
    signals: [],
  });
  const cascade = (why: string, root = "procurement-17"): CascadeView => ({
    ...{ id: "cas-1", status: "open", openedAt: NIGHT, since: NIGHT, closedAt: null },
    rootCause: { agentId: root, why: "its trouble began first" },
    members: ["procurement-17", "scraper-1"].map(member),
    edges: [{ from: "scraper-1", to: "procurement-17", why }],
    dollars: { locked: "0.00", recovered: "0.00", lost: "0.00", atRisk: "0.00", isCounted: true },
  });
  const told = (view: CascadeView) => of({ cascadeId: "cas-1" }, view).summary.happened.join(" ");

  it("is never told as one that spread", () => {
    expect(told(cascade("same time"))).toContain("scraper-1 had trouble at the same time;");
    expect(told(cascade("same time"))).not.toContain("reached");
    expect(told(cascade("shared wallet w-1"))).toContain("It began here and reached scraper-1.");
    expect(told(cascade("same time", "scraper-1"))).not.toContain("did not begin here");
  });
});

describe("the containment that somebody got past", () => {
  it("is told with the money that got through, so that the sums agree", () => {
    const escrows = [...Array.from({ length: 9 }, (_, n) => escrow(n, "recovered")), escrow(10, "recovered")];
    const steps = [step("cancel-escrows", { cancelled: 9, lost: 0, dollarsUnlocked: "1350.00" })];
    const { summary } = of({ reassertions: 1, escrows, steps });
    expect(summary.happened).toContain("Somebody got past that once; it was put back.");
    expect(summary.happened).toContain("1 more escrow ($150.00) got through after the cancels and was taken back too.");
    expect(summary.cost[0]).toBe("$1,500.00 was locked in 10 escrows. All of it came back.");
  });
});

describe("a draft", () => {
  it("has one list of what is left, whose dates stand still, and is never called written", () => {
    const [early, late] = [of({}, null, seconds(300)), of({}, null, seconds(900))];
    expect(early.summary.left).toEqual(early.actionItems.map(({ what }) => what));
    expect(late.actionItems).toEqual(early.actionItems);
    expect(renderPostMortem(early)).not.toContain("Written");
    expect(renderPostMortem(of({ status: "resolved", closedAt: seconds(900) }))).toContain("Written");
  });
});

describe("a line of the timeline", () => {
  const said = (what: string, detail: Record<string, unknown>, given: Partial<IncidentView> = {}) =>
    timelineWords[what]?.(detail, anIncident(given));

  it("says of every page what it told, as a sentence", () => {
    for (const what of pageKinds)
      expect(said("page-sent", { channel: "slack", what })).toMatch(/^Told Slack (that|of) [a-z0-9' -]+\.$/);
    const recovery = aRecoveryAt(0, { by: "grace" });
    expect(said("page-sent", { channel: "slack", what: "recovery-asked" }, { recovery })).toBe(
      "Told Slack that grace asked to bring it back.",
    );
  });

  it("calls each channel by one name, in an escalation too", () => {
    expect(said("escalated", { to: ["pagerduty-secondary", "slack", "webhook"] })).toBe(
      "Nobody had taken it on, so these were told too: PagerDuty's second line, Slack and the webhook.",
    );
  });

  it("says who had which message sent again, and why", () => {
    const detail = { queue: "notification", replay: 2, by: "ada", reason: "slack mended" };
    const job = (jobId: string) => said("dead-letter-replayed", { ...detail, jobId });
    expect(job("send-page-inc-0-a-1-contained-17-slack")).toBe(
      "ada had the message to Slack sent again (replay 2): slack mended.",
    );
    expect(job("send-page-inc-0-a-1-contained-17-pagerduty-secondary")).toContain("PagerDuty's second line");
    expect(said("dead-letter-replayed", { ...detail, queue: "freeze", jobId: "freeze-sig-1" })).toBe(
      "ada had the freeze tried again (replay 2): slack mended.",
    );
  });

  it("says how often the containment was read back, and nothing of when", () => {
    const contained = { at: seconds(18), phase: "contain", what: "contained", detail: {} } as const;
    const evidence = { at: seconds(19), phase: "learn", what: "evidence-taken", detail: {} } as const;
    const texts = of({ timeline: [contained, evidence, contained] }).timeline.entries.map(({ text }) => text);
    expect(texts).toContain("Contained: what was done was read back at the gateway and holds. Read back twice.");
  });
});
