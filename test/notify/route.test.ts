import { describe, expect, it } from "vitest";
import { channels } from "../../src/incident/escalation.ts";
import type { Notification } from "../../src/notify/notification.ts";
import { routeOf } from "../../src/notify/route.ts";

const routes = { P0: ["pagerduty", "slack"], P1: [], P2: [], P3: [] } as const;
const route = (kind: Notification["kind"], action: Notification["action"]) =>
  routeOf({ kind, action, priority: "P0" }, { routes }, channels, ["webhook", "pagerduty-secondary"]);

describe("who is told of a page", () => {
  it("is the route of its priority, a pager only for what wakes somebody", () => {
    expect(route("contained", "trigger")).toEqual(["slack", "pagerduty"]);
    expect(route("rung-taken", "note")).toEqual(["slack"]);
  });

  it("is besides whoever heard of the incident, pagers too, where somebody has it or it is over", () => {
    for (const [kind, action] of [
      ["acknowledged", "acknowledge"],
      ["resolved", "resolve"],
    ] as const)
      expect(route(kind, action).toSorted()).toEqual(["pagerduty", "pagerduty-secondary", "slack", "webhook"]);
  });
});
