import { describe, expect, it } from "vitest";
import type { CascadeView } from "../../../src/incident/cascade-view.ts";
import { type IncidentView, priorities, transitions } from "../../../src/incident/incident.ts";
import { postMortemSchema } from "../../../src/incident/post-mortem.ts";
import { signalKinds } from "../../../src/incident/signal.ts";
import { actionWithinMs, REVIEW_MS } from "../../../src/learn/post-mortem/action-items.ts";
import { compose } from "../../../src/learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../../src/learn/post-mortem/post-mortem-text.ts";
import { recommendedActions } from "../../../src/learn/post-mortem/recommended-actions.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { aRecoveryAt } from "../../support/recoveries.ts";
import { anIncident, escrow, everyTwoSeconds, evidenceOf, NIGHT, seconds, theLoop } from "./an-incident.ts";

const { learn } = readSettings(undefined, {});
const now = seconds(300);
const night = evidenceOf({ escrows: everyTwoSeconds(9), transactions: [], balance: "48650.00" });
const closedAt = seconds(48 * 3_600);
const resolved = {
  ...{ status: "resolved", closedAt, recovery: aRecoveryAt(2, { by: "grace", askedAt: seconds(10_800) }) },
} satisfies Partial<IncidentView>;
const stoodDown = {
  ...{ status: "stood-down", closedAt: seconds(600) },
  standDown: { by: "ada", reason: "planned bulk purchase", askedAt: seconds(590) },
} satisfies Partial<IncidentView>;
const cascade: CascadeView = {
  ...{ id: "cas-1", status: "open", openedAt: NIGHT, since: NIGHT, closedAt: null },
  rootCause: { agentId: "freight-09", why: "its trouble began first" },
  members: ["freight-09", "procurement-17"].map((agentId) => ({
    ...{
      agentId,
      standing: "freezing",
      incidentId: `inc-of-${agentId}`,
      status: "contained",
      acknowledgedBy: null,
      recovery: null,
    },
    signals: [
      { id: "s", kind: "shared-resource-exhausted", severity: "critical", at: NIGHT, z: null, outflow: "0.00" },
    ],
  })),
  edges: [{ from: "procurement-17", to: "freight-09", why: "shared wallet w-1" }],
  ...{ dollars: { locked: "0.00", recovered: "0.00", lost: "0.00", atRisk: "0.00", isCounted: true } },
};

const of = (given: Partial<IncidentView> = {}, parts = night, within: CascadeView | null = null) =>
  compose({ incident: anIncident(given), parts, cascade: within, now, learn });

const every: [string, ReturnType<typeof of>][] = [
  ["one that is still open", of()],
  ["one that is resolved", of(resolved)],
  ["one that new trouble overtook", of({ ...resolved, supersededBy: "inc-0-abc-2" })],
  ["a false alarm", of(stoodDown)],
  [
    "a false alarm before anything was done",
    of({ ...stoodDown, requestedAt: null, effectiveAt: null, containedAt: null }),
  ],
  ["a dry run", of({ status: "observed", dryRun: true, requestedAt: null, effectiveAt: null, containedAt: null })],
  ["a member of a cascade", of({ cascadeId: "cas-1", runbooks: ["cascade-failure"] }, night, cascade)],
  ["one without evidence", of({}, {})],
  ["one whose signals are gone", of({ signals: [] })],
  ...signalKinds.map((kind): [string, ReturnType<typeof of>] => [kind, of({ signals: [theLoop({ kind })] })]),
];

describe("a post-mortem (F4)", () => {
  it.each(every)("is whole and says nothing that is no word: %s", (_, document) => {
    expect(postMortemSchema.safeParse(document).error).toBeUndefined();
    const text = renderPostMortem(document);
    expect(text).not.toMatch(/undefined|NaN|\[object|null|Infinity/);
    // No heading without anything under it, no sentence of nothing.
    expect(text).not.toMatch(/^#+ [^\n]*\n+(?=#|$(?![\s\S]))/m);
    expect(text).not.toMatch(/^- *$|\*\* *\n(?!\n- )/m);
  });

  it("tells somebody who was asleep what happened, what it cost, what was prevented and what is left to do", () => {
    const { title, summary } = of({ ...resolved, escrows: [escrow(1, "recovered"), escrow(2, "lost", "25.50")] });
    expect(title).toBe("procurement-17 opened one escrow after another");
    expect(summary.happened).toEqual([
      "On 2026-11-22 02:47:00 UTC trouble began with procurement-17.",
      "What was seen: 8 escrows of $150.00 to flaky-upstream within 15 s, $1,200.00 in all: a retry loop.",
      "Tourniquet froze its budget 1 s after it learned of it. After 3 s it had taken back what could be taken back of its open escrows, and checked that this holds.",
      "grace found the cause: retry loop without an end. The fix: v2.3 gives up after three.",
      "The agent was back to normal on 2026-11-24 02:47:00 UTC, 2 d after it began.",
    ]);
    expect(summary.cost.slice(0, 2)).toEqual([
      "$175.50 was locked in 2 escrows. $150.00 of it came back.",
      "$25.50 is lost: it had gone to the payee before it could be taken back.",
    ]);
    expect(summary.prevented[0]).toBe("About $36,450.00 more would have been spent before a person came.");
    expect(summary.left[0]).toMatch(
      /^3 things are left to do; each has an owner and a date below\. First: Find the code/,
    );
  });

  it("of a false alarm says that it was one, how long the agent stood still, and that its orders are to be placed again", () => {
    const { title, summary, actionItems, impact } = of(stoodDown);
    expect(title).toBe("False alarm: procurement-17 opened one escrow after another");
    expect(summary.happened).toContain("ada called it a false alarm: planned bulk purchase.");
    expect(summary.cost.at(-1)).toBe("procurement-17 could not spend for 9 min 44 s.");
    expect(actionItems[0]).toMatchObject({
      what: expect.stringContaining("Place the 9 orders of procurement-17 again"),
      owner: "ada",
    });
    expect(impact.prevented.amount).toBe("0.00");
  });

  it("of an incident that was overtaken never says that it was mended", () => {
    const document = of({ ...resolved, supersededBy: "inc-0-abc-2" });
    const text = renderPostMortem(document);
    expect(text).not.toMatch(/Mended|The agent was back to normal/);
    expect(document.summary.left[0]).toContain("First: See to inc-0-abc-2: the agent was not back to normal");
    expect(document.changes).toEqual([]);
  });

  it("of a member of a cascade says where the trouble began", () => {
    const { summary, rootCause, affected } = of({ cascadeId: "cas-1", runbooks: ["cascade-failure"] }, night, cascade);
    expect(summary.happened).toContain("The trouble did not begin here but with freight-09 (its trouble began first).");
    expect(rootCause.cascade).toMatchObject({ rootCause: "freight-09", isThisAgent: false });
    expect(affected.agents).toContain("freight-09, of the same cascade");
  });

  it("says what failed, what slipped past and how often somebody got past it", () => {
    const entry = (what: string, detail: Record<string, unknown>, n: number) =>
      ({ at: seconds(16 + n), phase: "contain", what, detail }) as const;
    const timeline = [
      entry("step-failed", { step: "freeze-budget", message: "no answer" }, 0),
      entry("step-failed", { step: "freeze-budget", message: "refused" }, 1),
      entry(
        "failed-again",
        {
          ...{ of: "step-failed", subject: "freeze-budget", answers: { "step-failed": 7 } },
          last: { step: "freeze-budget", message: "still refused" },
        },
        1,
      ),
      entry("hold-breached", { capsLifted: true, escrowsSwept: 2 }, 2),
      entry("hold-breached", { capsLifted: false, escrowsSwept: 1 }, 3),
    ];
    const {
      effectiveness,
      timeline: told,
      summary,
      actionItems,
    } = of({ timeline, reassertions: 2, walletFrozenAt: seconds(20) });
    expect(summary.happened).toContain("Somebody got past that twice; in the end the wallet itself was frozen.");
    expect(actionItems[0]?.what).toContain("Find out who got past the containment of procurement-17");
    expect(effectiveness.containment).toMatchObject({
      ...{ breaches: 2, escrowsSlippedPast: 3, walletFrozen: true },
      failures: [{ step: "Freezing the budget", times: 9, last: "still refused" }],
    });
    expect(effectiveness.detection).toMatchObject({ eventsUntil: 8, firstAnomalyToDetectionMs: 15_000 });
    expect(told.entries.map(({ text }) => text)).toContain(
      "Freezing the budget did not succeed, 7 more times: still refused.",
    );
    expect(told.entries.map(({ text }) => text)).toContain(
      "Somebody got past the containment: the budget was lifted and has been set back and 2 escrows were opened all the same and taken back.",
    );
  });

  it("names money that is still held first among what is left, within hours and not days", () => {
    const { actionItems } = of({ ...resolved, escrows: [escrow(1, "failed"), escrow(2, "held")] });
    expect(actionItems[0]).toMatchObject({ what: expect.stringContaining("2 escrows worth $300.00"), owner: "grace" });
    expect(Date.parse(actionItems[0]!.due) - closedAt).toBe(4 * 3_600_000);
  });

  it("names purchases that were cancelled with the rest, to payees nobody suspects", () => {
    const meant = { ...escrow(2, "recovered", "420.00"), payee: "paper-mill" };
    const { actionItems } = of({ ...resolved, escrows: [escrow(1, "recovered"), meant] });
    expect(actionItems[0]?.what).toContain("1 escrow of procurement-17 to paper-mill ($420.00) that was cancelled");
    expect(of({ ...resolved, escrows: [escrow(1, "recovered")] }).actionItems[0]?.what).not.toContain("cancelled");
  });

  it("never calls an identity healthy that nobody could check", () => {
    const found = { identity: { verdict: "unknown" }, reputation: { score: 0.9 } };
    const detail = { gate: "identity-and-reputation", passed: true, found, percents: [50, 100] };
    const timeline = [{ at: seconds(20), phase: "recover", what: "recovery-begun", detail }] as const;
    const text = of({ ...resolved, timeline }).timeline.entries.find(({ what }) => what === "recovery-begun")?.text;
    expect(text).toContain(
      "could not tell about its identity, and nothing spoke against the agent. Its reputation is in order.",
    );
    expect(text).not.toContain("Check passed");
  });

  it("lets nothing from outside become Markdown of its own", () => {
    const why = { ...theLoop().why, sentence: "# pwned | <script>alert(1)</script> [x](javascript:y) `z`" };
    const text = renderPostMortem(of({ signals: [theLoop({ why })], agentId: "a|b" }));
    expect(text).toContain("\\<script>alert(1)\\</script> \\[x](javascript:y) \\`z\\`");
    expect(text).not.toMatch(/^# pwned/m);
  });
});

describe("what is to be done after an incident", () => {
  it.each(signalKinds)("is recommended for every kind of signal: %s", (kind) => {
    expect(recommendedActions[kind].length).toBeGreaterThan(0);
    const { recommendations } = of({ signals: [theLoop({ kind })] });
    expect(recommendations).toEqual([{ signal: kind, actions: recommendedActions[kind] }]);
  });

  it.each(priorities)("has an owner and a date by priority, and the review within 48 hours: %s", (priority) => {
    const { actionItems } = of({ status: "resolved", closedAt, priority });
    expect(actionItems.length).toBeGreaterThan(1);
    for (const { owner } of actionItems) expect(owner).toBe(learn.owner);
    expect(Date.parse(actionItems[0]!.due)).toBe(closedAt + actionWithinMs[priority]);
    expect(Date.parse(actionItems.at(-1)!.due)).toBe(closedAt + REVIEW_MS);
    expect(REVIEW_MS).toBe(48 * 3_600_000);
  });

  it("is a draft exactly while the incident is not over", () => {
    for (const [status, next] of Object.entries(transitions))
      expect(of({ status: status as IncidentView["status"], closedAt }).isDraft).toBe(next.length > 0);
  });
});
