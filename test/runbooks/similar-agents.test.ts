import { describe, expect, it } from "vitest";
import { similarAgents } from "../../src/runbooks/similar-agents.ts";
import { readSettings } from "../../src/settings/settings.ts";

const { fleet, agentControl } = readSettings(
  `
fleet:
  agents:
    - { id: a, prompt: buyer, wallet: w, tools: [http_request, search] }
    - { id: b, prompt: buyer, tools: [http_request] }
    - { id: c, wallet: w, tools: [search] }
    - { id: d }
`,
  {},
);
const found = (restrict: Parameters<typeof similarAgents>[1], tools: string[] = [], agentId = "a") =>
  similarAgents(fleet.agents, restrict, agentId, tools);

describe("agents that are restricted beside one that was breached (C8)", () => {
  it("are those that the settings say: of the tool at fault, the prompt, the wallet, each with the reason", () => {
    expect(found(["tool"], ["http_request"])).toEqual([{ agentId: "b", why: "shares the tool http_request with a" }]);
    expect(found(["prompt"])).toEqual([{ agentId: "b", why: "shares the prompt buyer with a" }]);
    expect(found(["wallet"])).toEqual([{ agentId: "c", why: "shares the wallet w with a" }]);
    expect(found(["tool", "prompt"], ["http_request"])).toEqual([
      { agentId: "b", why: "shares the tool http_request and the prompt buyer with a" },
    ]);
  });

  it("are by default those of tool and prompt, and nobody where nothing is asked", () => {
    expect(found(agentControl.restrictSimilar, ["search"]).map(({ agentId }) => agentId)).toEqual(["b", "c"]);
    expect(found([], ["search", "http_request"])).toEqual([]);
  });

  it("are not those that share only what is not at fault, or have nothing to share", () => {
    expect(found(["tool"], [])).toEqual([]);
    expect(found(["prompt", "wallet"], [], "d")).toEqual([]);
    expect(found(["tool", "prompt", "wallet"], ["search"], "unheard-of").map(({ agentId }) => agentId)).toEqual([
      "a",
      "c",
    ]);
  });
});
