import { describe, expect, it } from "vitest";
import { understand } from "../../src/detect/event.ts";
import { silenceOrder } from "../../src/detect/order-silence.ts";
import { toAgentId } from "../../src/incident/agent-id.ts";
import { mistakesOf } from "../settings/mistakes-of.ts";

/** Whether each door lets in an agent that is called so. */
function doors(id: string): Record<string, boolean> {
  const named = JSON.stringify(id);
  const order = { owner: "mira", reason: "load test", until: "2026-11-23T00:00:00Z", agent: id };
  const event = { type: "budget_exceeded", data: { agent_id: id } };
  return {
    fleet: mistakesOf(`fleet: { agents: [{ id: ${named} }] }`).length === 0,
    thresholds: mistakesOf(`thresholds: { agents: { ${named}: { budgetWarningPct: 50 } } }`).length === 0,
    policy: mistakesOf(`policy: [{ agent: ${named}, tier: alert-human }]`).length === 0,
    silence: silenceOrder.safeParse(order).success,
    webhook: understand(JSON.stringify(event)).ok,
    order: isTaken(() => toAgentId(id)),
  };
}

function isTaken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const all = (answer: boolean) => ({
  ...{ fleet: answer, thresholds: answer, policy: answer, silence: answer, webhook: answer, order: answer },
});

describe("what may be called an agent", () => {
  it.each(["a", "7", "procurement-17", "Org_1.buyer-2", "x".repeat(128)])("%s may, wherever agents are named", (id) => {
    expect(doors(id)).toEqual(all(true));
  });

  it.each(["bulk buyer", "agént", "-a", ".a", "a:b", "a/b", "a\u0000", "x".repeat(129)])(
    "%j may not, wherever agents are named: no event could tell of it",
    (id) => {
      expect(doors(id)).toEqual(all(false));
    },
  );

  it("is said with the line of the settings file and the rule", () => {
    expect(mistakesOf('fleet:\n  agents:\n    - id: "bulk buyer"')).toEqual([
      expect.stringMatching(
        /^settings line 3: fleet\.agents\[0\]\.id must be an id as the gateway takes it: 1 to 128 /,
      ),
    ]);
  });
});
