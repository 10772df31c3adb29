import { describe, expect, it } from "vitest";
import { possible } from "../../src/console/words/possible.ts";

type Acted = Parameters<typeof possible>[0];
const incident = (more: Partial<Acted> = {}): Acted => ({
  ...{ status: "contained", dryRun: false, acknowledged: null, standDown: null, recovery: null },
  ...more,
});

describe("what a person may do to an incident", () => {
  it("is everything for a responder while it is contained", () => {
    expect(possible(incident(), "responder")).toEqual({
      ...{ isOver: false, acknowledge: null, recover: null, "stand-down": null },
    });
  });

  it("is nothing for a viewer, who is told who may", () => {
    expect(possible(incident(), "viewer").acknowledge).toBe("A responder may do this; you are logged in as viewer.");
  });

  it("is no recovery before it is contained, nor twice, nor of a dry run", () => {
    expect(possible(incident({ status: "containing" }), "admin").recover).toBe("Possible once it is contained.");
    expect(possible(incident({ recovery: { by: "ada" } }), "admin").recover).toBe("Asked for already, by ada.");
    expect(possible(incident({ status: "observed", dryRun: true }), "admin").recover).toMatch(/stand it down instead/);
  });

  it("is nothing more once it is being called off, or over", () => {
    expect(possible(incident({ standDown: { by: "ada" } }), "admin")["stand-down"]).toMatch(/ada called it/);
    const over = "It is over already.";
    expect(possible(incident({ status: "resolved" }), "admin")).toEqual({
      ...{ isOver: true, acknowledge: over, recover: over, "stand-down": over },
    });
  });

  it("is not to take on what somebody has", () => {
    expect(possible(incident({ acknowledged: { by: "ada" } }), "responder")).toMatchObject({
      ...{ acknowledge: "ada has taken it on already.", recover: null },
    });
  });
});
