import { describe, expect, it } from "vitest";
import { observeOnlyControl } from "../../src/agent-control/observe-only.ts";
import { observeOnly } from "../../src/greenhelix/observe-only.ts";
import type { AgentControl } from "../../src/incident/agent-control.ts";
import type { Gateway } from "../../src/incident/gateway.ts";

/** Answers every call with its own name. */
const named = <T>(): T =>
  Object.fromEntries(
    ["setBudget", "cancelEscrow", "publishEvent", "readBudget", "registerWebhook", "testWebhook"]
      .concat(["setTools", "setIsolated", "setPaused", "rotateCredentials", "readState"])
      .map((name) => [name, async () => ({ outcome: "done", value: name })]),
  ) as T;
const notDone = { outcome: "not-done", error: { code: "conflict", message: "observe-only mode" } };

describe("the belt of observe-only mode (P5)", () => {
  it("is put on and taken off while it runs, for gateway and agents alike", async () => {
    let mode = "act";
    const gateway = observeOnly(named<Gateway>(), () => mode === "observe");
    const control = observeOnlyControl(named<AgentControl>(), () => mode === "observe");
    const writes = () =>
      Promise.all([
        gateway.cancelEscrow("a", "e", "r", "k" as never),
        gateway.publishEvent("a", "t", {}, "k" as never),
        control.setTools("a", "none"),
        control.setIsolated("a", true),
        control.setPaused("a", true),
        control.rotateCredentials("a", "k" as never),
      ]);
    for (const outcome of await writes()) expect(outcome).toMatchObject({ outcome: "done" });
    mode = "observe";
    for (const outcome of await writes()) expect(outcome).toMatchObject(notDone);
    mode = "act";
    for (const outcome of await writes()) expect(outcome).toMatchObject({ outcome: "done" });
  });

  it("lets reads through, and our own webhook", async () => {
    const gateway = observeOnly(named<Gateway>(), () => true);
    const through = [
      gateway.readBudget("a"),
      gateway.registerWebhook("a", { url: "u", eventTypes: [], secret: "s" }),
      gateway.testWebhook("a", "w"),
      observeOnlyControl(named<AgentControl>(), () => true).readState("a"),
    ];
    for (const answer of await Promise.all(through)) expect(answer).toMatchObject({ outcome: "done" });
  });
});
