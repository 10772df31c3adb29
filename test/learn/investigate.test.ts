import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import { investigate } from "../../src/learn/investigate.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { anEscrow } from "../runbooks/escrow-gateway.ts";
import { silent } from "../runbooks/step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

let since = 0;
const answering = (more: Record<string, unknown> = {}): Gateway =>
  ({
    readIdentity: async () => ({ agentId: "agent-7", publicKey: "ab", raw: {} }),
    readClaimChains: async () => [{ root: "1" }],
    readClaims: async () => [],
    readReputation: async () => ({ score: undefined, raw: {} }),
    readBalance: async () => ({ balance: money("99.10") }),
    async *listEscrows() {
      yield [anEscrow("esc-1")];
      yield [anEscrow("esc-2", { amount: money("0.00000001") })];
    },
    async listTransactions(_agentId: string, sinceMs: number) {
      since = sinceMs;
      return [{ id: "1", amount: money("-150.00"), type: "withdrawal", description: "", createdAt: undefined }];
    },
    ...more,
  }) as unknown as Gateway;

const open = async () => (await stores.incidents.open(openRequest())).incidentId;
const take = (incidentId: string, gateway: Gateway, part: "at-containment" | "after" = "at-containment") =>
  investigate({ ...stores, gateway, log: silent }, { incidentId, part });
const kept = async (incidentId: string, part = "at-containment") =>
  JSON.parse((await stores.redis.hget(keys.evidence(0, incidentId), part))!);

describe("evidence taken at containment (F1)", () => {
  it("holds who the agent is, what it owns, owes and did, exactly, from an hour before", async () => {
    const id = await open();
    expect(await take(id, answering())).toEqual({ answer: "taken", unknown: [] });
    const evidence = await kept(id);
    expect(evidence.identity.known).toMatchObject({ publicKey: "ab" });
    expect(evidence.balance.known).toEqual({ balance: "99.10" });
    expect(evidence.escrows.known.map(({ amount }: { amount: string }) => amount)).toEqual(["150.00", "0.00000001"]);
    expect(evidence.transactions.known).toMatchObject([{ amount: "-150.00" }]);
    expect(evidence.claimChains.known).toEqual([{ root: "1" }]);
    expect(evidence.events).toEqual(["evt-0-1"]);
    expect((await stores.incidents.load(id))!.openedAt - since).toBe(3_600_000);
  });

  it("says of what nobody would tell that it is unknown, and why; the rest is there", async () => {
    const id = await open();
    const readIdentity = () => Promise.reject(new Error("no answer within 5000 ms"));
    expect(await take(id, answering({ readIdentity }))).toEqual({ answer: "taken", unknown: ["identity"] });
    expect(await kept(id)).toMatchObject({
      identity: { unknown: "no answer within 5000 ms" },
      balance: { known: { balance: "99.10" } },
    });
    const { timeline } = (await stores.incidents.view(id))!;
    expect(timeline.at(-1)).toMatchObject({
      phase: "learn",
      what: "evidence-taken",
      detail: { unknown: ["identity"] },
    });
  });

  it("stays as it was first taken; what is taken later stands beside it", async () => {
    const id = await open();
    await take(id, answering());
    const later = answering({ readBalance: async () => ({ balance: money("0.00") }) });
    await take(id, later);
    await take(id, later, "after");
    expect((await kept(id)).balance.known.balance).toBe("99.10");
    expect((await kept(id, "after")).balance.known.balance).toBe("0.00");
  });

  it("is nobody's where there is no incident", async () => {
    expect(await take("inc-0-none-1", answering())).toEqual({ answer: "no-incident", unknown: [] });
  });
});
