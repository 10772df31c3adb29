import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aDelivery } from "../redis/deliveries.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

let stores: Stores;
let plain: CommandRun;
let json: CommandRun;
beforeAll(async () => {
  stores = await openStores();
  const delivery = aDelivery();
  const { eventId } = await stores.inbox.accept(delivery);
  await stores.inbox.accept(delivery);
  await stores.inbox.accept(aDelivery());
  await stores.inbox.dispose(eventId, "acted", "inc-0-1");
  await stores.inbox.quarantine({ reason: "invalid", status: 422, body: "{}" });
  [plain, json] = await Promise.all([runCommand("intake"), runCommand("intake", "--json")]);
}, 60_000);
afterAll(() => stores.close());

describe("tourniquet intake", () => {
  it("shows what came in and what became of it, and the sum is right", () => {
    const { code, out } = plain;
    expect(code).toBe(0);
    const counts = new Map(out.split("\n").map((line) => line.trim().split(/\s+/) as [string, string]));
    expect(Object.fromEntries(counts)).toMatchObject({
      accepted: "3",
      acted: "1",
      duplicate: "1",
      pending: "1",
      rejected: "1",
    });
    expect(out).toContain("1 kept in quarantine");
  });

  it("with --json is one JSON object of the same", () => {
    const { code, out } = json;
    expect(code).toBe(0);
    const { accepted, pending, dispositions } = JSON.parse(out);
    const disposed = Object.values(dispositions as Record<string, number>).reduce((sum, count) => sum + count, 0);
    expect([accepted, pending, disposed]).toEqual([3, 1, 2]);
  });
});
