import { describe, expect, it } from "vitest";
import { notThere, toldNext, toldNoMore } from "../../src/console/words/escalation.ts";

describe("who is told next, in words", () => {
  it("names those who can be told, and says who is not there", () => {
    const next = { to: ["slack", "pagerduty"], notConfigured: ["webhook"] } as const;
    expect(toldNext(next)).toBe("Slack and PagerDuty are told next");
    expect(notThere(next)).toBe("The webhook is not configured.");
    expect(toldNoMore(next)).toBe("Slack and PagerDuty will not be told any more.");
    expect(toldNext({ to: ["slack"], notConfigured: [] })).toBe("Slack is told next");
    expect(notThere({ to: ["slack"], notConfigured: [] })).toBe("");
  });

  it("says that nobody can be told where no channel is there, and that nobody will be where none is left", () => {
    const next = { to: [], notConfigured: ["pagerduty-secondary", "webhook"] } as const;
    expect(toldNext(next)).toBe("Nobody can be told next");
    expect(notThere(next)).toBe("PagerDuty's second line and the webhook are not configured.");
    expect(toldNoMore(next)).toBe(
      "Nobody else can be told. PagerDuty's second line and the webhook are not configured.",
    );
    expect(toldNext({ to: [], notConfigured: [] })).toBe("Nobody can be told next");
    expect(toldNoMore(null)).toBe("Nobody else will be told.");
  });

  it("claims nothing of what it does not know", () => {
    expect(notThere({ to: ["slack"], notConfigured: null })).toBe("");
  });
});
