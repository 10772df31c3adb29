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
  decidedBy: "default policy: critical -> auto-contain",
  reassertions: 2,
  standDown: null,
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

  it.each([
    ["freeze-failing", /freeze of agent-7 is failing.*by hand/],
    ["not-frozen-in-time", /agent-7 is still not frozen after 30 s.*by hand/],
    ["hold-breached", /freeze of agent-7 or spent past it \(2 times/],
    ["identity-compromise-suspected", /agent-7 may not be who it says/],
    ["something-new", /something-new.*agent-7/],
  ])("begins with its reason: %s", (what, expected) => {
    expect(pageForIncident(incident, what).title).toMatch(expected);
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
