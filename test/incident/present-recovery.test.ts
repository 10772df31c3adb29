import { describe, expect, it } from "vitest";
import type { IncidentView } from "../../src/incident/incident.ts";
import { presentRecovery } from "../../src/incident/present-recovery.ts";
import { anIncident, seconds } from "../learn/post-mortem/an-incident.ts";
import { aRecoveryAt } from "../support/recoveries.ts";

const rungs = (given: Partial<IncidentView>) =>
  presentRecovery(anIncident({ status: "recovering", ...given }))?.rungs.map(({ status }) => status);

describe("the rungs of a recovery", () => {
  it("say which stands, which comes next, and which later", () => {
    expect(rungs({ recovery: aRecoveryAt(0) })).toEqual(["stands", "next", "ahead"]);
  });

  it("stand no more once it fell back: the agent is contained anew", () => {
    const recovery = aRecoveryAt(0, { stopped: "relapsed" });
    expect(rungs({ recovery })).toEqual(["done", "not-taken", "not-taken"]);
    expect(rungs({ recovery, status: "resolved", supersededBy: "inc-0-abc-2" })?.[0]).toBe("done");
  });

  it("stand where it fell back and nothing is done about it", () => {
    const detail = { why: "a warning", leftFree: true };
    const timeline = [{ at: seconds(30), phase: "recover", what: "relapsed", detail }] as const;
    expect(rungs({ recovery: aRecoveryAt(0, { stopped: "relapsed" }), timeline })?.[0]).toBe("stands");
  });
});
