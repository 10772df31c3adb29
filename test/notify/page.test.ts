import { describe, expect, it } from "vitest";
import type { EscrowRecord, IncidentView } from "../../src/incident/incident.ts";
import { announcementOf } from "../../src/notify/announcement.ts";
import { pageForIncident, pageForSignal } from "../../src/notify/page.ts";
import { runbookNamed } from "../../src/runbooks/index.ts";
import { aSignal } from "../redis/open-request.ts";

const escrow = (result: EscrowRecord["result"], index: number): EscrowRecord => ({
  escrowId: `esc-${result}-${index}`,
  payee: "flaky-upstream",
  amount: "150.00",
  result,
  reason: "",
});
const receivedAt = Date.UTC(2026, 10, 20, 2, 47);
const incident: IncidentView = {
  id: "inc-0-9f86d081884c-1",
  agentId: "agent-7",
  status: "contained",
  priority: "P0",
  runbook: "runaway-spending",
  runbooks: ["runaway-spending"],
  dryRun: false,
  cascadeId: null,
  epoch: 1,
  receivedAt,
  openedAt: receivedAt + 40,
  requestedAt: receivedAt + 60,
  effectiveAt: receivedAt + 350,
  containedAt: receivedAt + 2_100,
  closedAt: null,
  walletFrozenAt: null,
  ...{ observedFrom: null, joinedAt: receivedAt + 40, signalCount: 1 },
  decidedBy: "default policy: critical -> auto-contain",
  reassertions: 2,
  standDown: null,
  recovery: null,
  supersededBy: null,
  supersedes: null,
  toAnnounce: null,
  escrowsCountedAt: 1,
  escalation: null,
  acknowledged: null,
  dollars: { locked: "1950.00", recovered: "1500.00", lost: "150.00" },
  signals: [aSignal()],
  steps: [],
  timeline: [],
  escrows: [
    ...Array.from({ length: 10 }, (_, index) => escrow("recovered", index)),
    escrow("held", 1),
    escrow("failed", 1),
    escrow("lost", 1),
    escrow("skipped", 1),
  ],
};
const textOf = ({ title, lines }: { title: string; lines: readonly string[] }) => [title, ...lines].join("\n");

describe("the page of an incident (N3)", () => {
  it("says each why once, and of a member of a cascade the one that names the cascade", () => {
    const saying = (sentence: string) => aSignal({ why: { ...aSignal().why, sentence } });
    const told = [
      "99 % used.",
      "8 escrows",
      "99 % used. Part of cascade cas-1: same time",
      "99 % used",
      "99 % used by two",
    ];
    const { lines } = pageForIncident({ ...incident, signals: told.map(saying) }, "contained");
    expect(lines.filter((line) => line.startsWith("Why: "))).toEqual([
      "Why: 8 escrows",
      "Why: 99 % used. Part of cascade cas-1: same time",
      "Why: 99 % used by two",
    ]);
  });

  it("says what happened, dollars at risk, what was done, what is left to do, and where to look", () => {
    const page = pageForIncident(incident, "contained");
    expect(page).toMatchObject({ dedupKey: incident.id, priority: "P0" });
    expect(page.title).toBe("Contained: agent-7 is frozen, 1500.00 of 1950.00 recovered");
    const text = textOf(page);
    expect(text).toContain(incident.signals[0]!.why.sentence);
    expect(text).toContain("locked 1950.00, recovered 1500.00, lost 150.00");
    expect(text).toContain("10 cancelled, 2 still held, 1 released to the payee first");
    expect(text).toContain(incident.decidedBy);
    for (const item of runbookNamed(incident.runbook).followUp) expect(text).toContain(item);
    expect(text).toContain(incident.id);
  });

  it("leaves the money out where there was none to take back", () => {
    const dollars = { locked: "0.00", recovered: "0.00", lost: "0.00" };
    expect(pageForIncident({ ...incident, dollars }, "contained").title).toBe("Contained: agent-7 is frozen");
    expect(pageForIncident({ ...incident, dollars }, "not-contained-in-time").title).toBe(
      "agent-7 is still not contained after 60 s; retrying. Please look",
    );
  });

  it.each([
    ["freeze-failing", /freeze of agent-7 is failing.*by hand/],
    ["not-frozen-in-time", /agent-7 is still not frozen after 30 s.*by hand/],
    ["hold-breached", /freeze of agent-7 or spent past it \(twice so far\)/],
    ["identity-compromise-suspected", /agent-7 may not be who it says/],
  ] as const)("begins with its reason: %s", (what, expected) => {
    expect(pageForIncident(incident, what).title).toMatch(expected);
  });
});

/** The same agent, another plan, and steps done with these results. */
const otherwise = (
  runbook: string,
  results: Record<string, Record<string, unknown>>,
  more: Partial<IncidentView> = {},
) => ({
  ...incident,
  runbook,
  runbooks: [runbook],
  steps: Object.entries(results).map(([step, result]) => ({ step, status: "done" as const, at: receivedAt, result })),
  ...more,
});
const stopped = {
  "revoke-tools": { tools: "none" },
  "isolate-network": {},
  "pause-agent": {},
  "rotate-credentials": {},
};
const byHand = { byHand: "no agent control is configured: pause it by hand" };

describe("the page of an agent that is not frozen", () => {
  it("does not say that it is: half a budget, a restriction, or nothing at all", () => {
    const halved = otherwise("service-degradation", { "halve-budget": { dailyCap: "250.00", from: "500.00" } });
    expect(pageForIncident(halved, "contained").title).toBe(
      "Contained: agent-7 may spend 250.00 a day instead of 500.00",
    );
    const restricted = otherwise("agent-restriction", { "restrict-to-read-only": { tools: "read-only" } });
    expect(pageForIncident(restricted, "contained").title).toBe("Contained: agent-7 may only use read-only tools");
    const nothing = otherwise("agent-restriction", { "restrict-to-read-only": byHand });
    expect(pageForIncident(nothing, "contained").title).toBe(
      "Please look at agent-7: nothing could be done to it, and it goes on",
    );
    for (const page of [halved, restricted, nothing])
      for (const what of ["contained", "not-frozen-in-time", "hold-breached"] as const)
        expect(pageForIncident(page, what).title).not.toMatch(/frozen|freeze/i);
  });

  it("says of a cap that was none that none was invented", () => {
    const uncapped = otherwise("service-degradation", {
      "halve-budget": { dailyCap: null, note: "it has no daily cap" },
    });
    expect(textOf(pageForIncident(uncapped, "contained"))).toMatch(
      /nothing could be done.*Budget: it has no daily cap/s,
    );
  });
});

describe("the page of a breach", () => {
  it("says what was done to the agent beside its money, and whom else it touches", () => {
    const similar = {
      restricted: [{ agentId: "agent-8", why: "shares the tool http_request with agent-7" }],
      byHand: [],
    };
    const page = pageForIncident(otherwise("agent-breach", { ...stopped, "restrict-similar": similar }), "contained");
    expect(page.title).toBe(
      "Contained: agent-7 is frozen, its tools are revoked, its network is cut, it is paused, its credentials are rotated",
    );
    expect(textOf(page)).toContain(
      "Similar agents restricted to read-only tools: agent-8 (shares the tool http_request",
    );
  });

  it("says first, and in its title, what nobody but a person can do", () => {
    const page = pageForIncident(
      otherwise("agent-breach", {
        "revoke-tools": { byHand: "agent control does not run it: take its tools away by hand" },
        "pause-agent": byHand,
      }),
      "contained",
    );
    expect(page.title).toBe("Contained: agent-7 is frozen; 2 things are left to do by hand");
    expect(page.lines.slice(0, 2)).toEqual([
      "Left to do first: By hand on agent-7: take its tools away (agent control does not run it)",
      "And: By hand on agent-7: pause it (no agent control is configured)",
    ]);
  });
});

describe("the page of a suspect payee", () => {
  it("says that he is on the watch list, and what the gateway said to a flag", () => {
    const payees = [
      { payee: "flaky-upstream", watched: true, suspectedBefore: 2, metrics: "not-done: 400 invalid-metric" },
    ];
    const page = pageForIncident(otherwise("escrow-exploitation", { "flag-payee": { payees } }), "contained");
    expect(textOf(page)).toContain("flaky-upstream is on the watch list, suspected by 2 other incidents");
    expect(textOf(page)).toContain("400 invalid-metric");
    const first = [{ payee: "flaky-upstream", watched: true, suspectedBefore: 0, metrics: "done" }];
    const other = pageForIncident(otherwise("escrow-exploitation", { "flag-payee": { payees: first } }), "contained");
    expect(textOf(other)).toContain("suspected by no other incident;");
  });
});

describe("the page of a warning alone", () => {
  it("says that nothing was done, why, and which line of policy wanted a human", () => {
    const signal = aSignal({ kind: "budget-warning", severity: "warning" });
    const page = pageForSignal({ signal, tier: "alert-human", decidedBy: "default policy: warning -> alert-human" });
    expect(page).toMatchObject({ dedupKey: signal.id, priority: "P2" });
    expect(page.title).toContain("nothing was done");
    expect(textOf(page)).toContain(signal.why.sentence);
    expect(textOf(page)).toContain("default policy: warning -> alert-human");
  });
});

describe("what the gateway's bus is told (C5)", () => {
  it.each([
    ["budget-frozen", "incident_budget_frozen"],
    ["budget-reduced", "incident_budget_reduced"],
    ["agent-held-back", "incident_agent_held_back"],
    ["identity-compromise-suspected", "incident_identity_compromise_suspected"],
    ["containment-complete", "incident_containment_complete"],
  ])("%s goes out as %s, with durations, and no amounts, payees or agents' names", (what, eventType) => {
    const announcement = announcementOf(incident, what);
    expect(announcement).toEqual({
      eventType,
      payload: {
        incident_id: incident.id,
        priority: "P0",
        runbook: "runaway-spending",
        freeze_ms: 350,
        containment_ms: 2_100,
        within_60_s: true,
      },
    });
  });

  it("says when a minute was missed, and does not say what is not known yet", () => {
    const late = { ...incident, containedAt: receivedAt + 60_001 };
    expect(announcementOf(late, "containment-complete").payload).toMatchObject({ within_60_s: false });
    expect(announcementOf({ ...incident, containedAt: receivedAt + 60_000 }, "budget-frozen").payload).toMatchObject({
      within_60_s: true,
    });
    const open = { ...incident, effectiveAt: null, containedAt: null };
    expect(announcementOf(open, "budget-frozen").payload).toMatchObject({
      freeze_ms: null,
      containment_ms: null,
      within_60_s: null,
    });
  });

  it("is nothing that has no name on the bus", () => {
    expect(() => announcementOf(incident, "gossip")).toThrow(/no event is named gossip/);
  });
});
