import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { runCommand } from "./run-command.ts";

let stores: Stores;
let id: string;
beforeAll(async () => {
  stores = await openStores();
  const { incidentId } = await stores.incidents.open(openRequest({ agentId: "a" }));
  const change = { path: "costAnomaly.sigmas", direction: "tighter", from: 2, to: 1.5, fileValue: 2 } as const;
  ({ id } = (await stores.tunings.propose({ agentId: "a", incidentId, reason: "came late", ...change })).tuning);
});
afterAll(() => stores.close());

describe("tourniquet tuning", () => {
  it("lists what was proposed, approves it, and config show says that it is in force and from where", async () => {
    const who = ["--by", "ada", "--reason", "seen it twice"];
    const list = await runCommand("tuning", "list", "--state", "open");
    expect(list.out).toMatch(/^ID +STATE.*\ntun-\w+ +open +a costAnomaly.sigmas 2 -> 1.5 +inc-0-\S+ +came late$/);
    const approved = await runCommand("tuning", "approve", id, ...who);
    expect([approved.code, approved.out]).toEqual([0, `${id} approved: a costAnomaly.sigmas 2 -> 1.5`]);
    const [shown, again] = await Promise.all([
      runCommand("config", "show"),
      runCommand("tuning", "reject", id, ...who),
    ]);
    expect(shown.out).toMatch(new RegExp(`^VALUE +IS +FROM.*\nthresholds.agents.a.costAnomaly.sigmas +1.5 +${id} +2$`));
    expect([again.code > 0, again.err]).toEqual([true, expect.stringContaining(`${id} is not open: it is approved.`)]);
  }, 60_000);
});
