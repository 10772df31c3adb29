import { describe, expect, it } from "vitest";
import { recoveryLines, statusText } from "../../../src/cli/recovery-text.ts";
import type { IncidentView } from "../../../src/incident/incident.ts";
import { presentRecovery } from "../../../src/incident/present-recovery.ts";
import { aRecovery, aRecoveryAt } from "../../support/recoveries.ts";

const incident = (given: Partial<IncidentView>) =>
  ({
    id: "inc-0-a-1",
    status: "recovering",
    supersededBy: null,
    recovery: null,
    timeline: [],
    ...given,
  }) as IncidentView;
const lines = (given: Partial<IncidentView>) => recoveryLines(incident(given));

describe("the recovery of an incident, as an engineer reads it", () => {
  it("is nothing where nobody asked", () => {
    expect(lines({ status: "contained" })).toEqual([]);
    expect(statusText(incident({ status: "contained" }))).toBe("contained");
  });

  it("that was just asked for says who, why, what is looked at now, and that the agent is still held", () => {
    expect(lines({ status: "contained", recovery: aRecovery({ waitsFor: ["inc-0-root-1"] }) })).toEqual([
      "recovery    gates are being looked at, the agent is still held, asked for by ada at 2026-11-22T02:47:00.000Z",
      "root cause  retry loop without an end",
      "fix         v2.3 gives up after three",
      "gates       root-cause 2026-11-22T02:47:00.000Z, identity-and-reputation not yet, conservative-budget not yet",
      "next        gate identity-and-reputation, once those it waits for have their first rung",
      "waits for   inc-0-root-1: it comes before, and somebody has to ask for its recovery too",
    ]);
    expect(lines({ status: "contained", recovery: aRecovery() })).toContain(
      "next        gate identity-and-reputation, now",
    );
  });

  it("that has begun says which rung stands, what comes next and when", () => {
    expect(lines({ recovery: aRecoveryAt(0, { stepBacks: 1 }) }).slice(3)).toEqual([
      "gates       root-cause 2026-11-22T02:47:00.000Z, identity-and-reputation 2026-11-22T02:47:01.000Z, conservative-budget 2026-11-22T02:57:00.000Z",
      "rung        50 %  daily 250.00, monthly none  stands",
      "rung        75 %  daily 375.00, monthly none  next",
      "rung        100 %  daily 500.00, monthly none  ahead",
      "next        75 % at 2026-11-22T08:57:00.000Z if no warning comes: daily 375.00, monthly none",
      "step backs  1: the caps went a rung down because of a warning, or because somebody raised them",
    ]);
    expect(statusText(incident({ recovery: aRecoveryAt(1) }))).toBe("recovering 75 %");
  });

  it("whose first rung stands is at its last gate, until that has passed", () => {
    const { "conservative-budget": _later, ...gates } = aRecoveryAt(0).gates;
    expect(lines({ recovery: aRecoveryAt(0, { gates }) })).toContain("next        gate conservative-budget, now");
  });

  it("on its last rung says until when it is watched closely", () => {
    expect(lines({ recovery: aRecoveryAt(2) })).toContain(
      "next        watched as on other days, and resolved, at 2026-11-24T02:57:00.000Z if no warning comes",
    );
  });

  it("whose first rung is on its way says so, and shows no percent it has not got", () => {
    const { "conservative-budget": _later, ...gates } = aRecoveryAt(0).gates;
    const raising = aRecoveryAt(0, { rung: null, rungAt: null, dueAt: null, gates });
    expect(lines({ recovery: raising })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^recovery {4}let go of, the first rung is being raised/),
        "rung        50 %  daily 250.00, monthly none  next",
        "next        50 % now if no warning comes: daily 250.00, monthly none",
      ]),
    );
    expect(statusText(incident({ recovery: raising }))).toBe("recovering 0 %");
  });

  it("that is stopped says why, and no next rung", () => {
    const text = lines({ recovery: aRecoveryAt(0, { stopped: "caps-lowered" }) }).join("\n");
    expect(text).toContain(
      "stopped     somebody lowered the caps: no further rung is taken until they are those of the rung again",
    );
    expect(text).not.toContain("next        ");
  });

  it("that new trouble superseded is never called mended, and its other rungs are not ahead", () => {
    const given = { status: "resolved", supersededBy: "inc-0-a-2", recovery: aRecoveryAt(0) } as const;
    const text = lines(given).join("\n");
    expect(text).toContain("recovery    superseded, asked for by ada");
    expect(text).toContain("superseded  by inc-0-a-2: new trouble, not mended");
    expect(text).toContain("75 %  daily 375.00, monthly none  not-taken");
    expect(text).not.toMatch(/next|ahead|resolved/);
  });
});

describe("the recovery of an incident, as programs read it", () => {
  it("has its times as ISO 8601 text, and nothing of what the worker keeps for itself", () => {
    const shown = presentRecovery(incident({ recovery: aRecoveryAt(0) }))!;
    expect(shown).toMatchObject({
      ...{ stage: "recovering", percent: 50, by: "ada", askedAt: "2026-11-22T02:47:00.000Z" },
      ...{ rungAt: "2026-11-22T02:57:00.000Z", normalAt: "2026-11-24T02:57:00.000Z", stopped: null, waitsFor: [] },
      next: { what: "rung", percent: 75, dailyCap: "375.00", monthlyCap: null, at: "2026-11-22T08:57:00.000Z" },
    });
    expect(shown.gates.passed.map(({ gate }) => gate)).toEqual([
      ...["root-cause", "identity-and-reputation", "conservative-budget"],
    ]);
    expect(shown.rungs.map(({ percent, status }) => `${percent} ${status}`)).toEqual([
      "50 stands",
      "75 next",
      "100 ahead",
    ]);
    for (const own of ["change", "pending", "epoch", "begunAt"]) expect(shown).not.toHaveProperty(own);
  });

  it("is over with its incident", () => {
    expect(presentRecovery(incident({ status: "resolved", recovery: aRecoveryAt(2) }))).toMatchObject({
      ...{ stage: "resolved", percent: 100, next: null },
    });
    expect(presentRecovery(incident({ status: "stood-down", recovery: aRecoveryAt(1) }))).toMatchObject({
      ...{ stage: "stood-down", percent: 75, next: null },
    });
  });
});
