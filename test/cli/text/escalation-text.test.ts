import { describe, expect, it } from "vitest";
import { escalationLines, holderText } from "../../../src/cli/escalation-text.ts";
import type { Incident } from "../../../src/incident/incident.ts";

const since = Date.parse("2026-11-22T02:47:00Z");
const policy = { P0: [{ afterMs: 300_000, to: ["pagerduty-secondary", "slack"] }] } as const;
const escalation = { policy, priority: "P0", since, told: 0, reached: [] } as const;
const incident = (given: Partial<Incident> = {}) =>
  ({
    ...{ id: "inc-0-a-1", status: "contained", priority: "P0", dryRun: false },
    ...{ closedAt: null, acknowledged: null, escalation, ...given },
  }) as Incident;
const acknowledged = { by: "ada", at: since + 60_000 };

describe("an incident, as an engineer reads it", () => {
  it("says whom it wakes next and when, and how to take it on", () => {
    expect(escalationLines(incident(), ["pagerduty-secondary", "slack", "webhook"])).toEqual([
      "taken on    by nobody yet: at 2026-11-22T02:52:00.000Z PagerDuty's second line, Slack will be told too (npx tourniquet incidents ack inc-0-a-1 --by NAME)",
    ]);
  });

  it("promises no channel that is not set", () => {
    const [some] = escalationLines(incident(), ["slack"]);
    expect(some).toContain("at 2026-11-22T02:52:00.000Z Slack will be told too (");
    const [none] = escalationLines(incident(), ["webhook"]);
    expect(none).toContain("nobody will be told too: PagerDuty's second line, Slack not set (");
    const [elsewhere] = escalationLines(incident());
    expect(elsewhere).toContain("Slack will be told too, as far as the workers have them set (");
  });

  it("says that nobody is left to wake once all levels were told, or none was meant", () => {
    const nobody =
      "taken on    by nobody; everybody who was to be told has been told (npx tourniquet incidents ack inc-0-a-1 --by NAME)";
    expect(escalationLines(incident({ escalation: { ...escalation, told: 1 } }))).toEqual([nobody]);
    expect(escalationLines(incident({ escalation: { ...escalation, policy: {}, priority: null } }))).toEqual([nobody]);
  });

  it("says who has it, and since when", () => {
    expect(escalationLines(incident({ acknowledged }))).toEqual(["taken on    by ada at 2026-11-22T02:48:00.000Z"]);
  });

  it("says nothing of it where it is over, or a dry run", () => {
    expect(escalationLines(incident({ closedAt: since }))).toEqual([]);
    expect(escalationLines(incident({ escalation: null }))).toEqual([]);
  });
});

describe("a list of incidents", () => {
  it("marks the urgent ones that nobody has", () => {
    expect(holderText(incident())).toBe("nobody");
    expect(holderText(incident({ priority: "P1" }))).toBe("nobody");
    for (const fine of [{ priority: "P2" }, { dryRun: true }, { closedAt: since }] as const)
      expect(holderText(incident(fine))).toBe("");
    expect(holderText(incident({ acknowledged, closedAt: since }))).toBe("ada");
  });
});
