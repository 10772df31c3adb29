import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../src/redis/keys.ts";
import { openStores, type Stores } from "./open-stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const about = { agentId: "agent-7", incidentId: null, key: "agent-agent-7" };
const rules = { againMs: 600_000, mostPerHour: 12 };
const page = async (name: string, mostPerHour: number | null = 12) => {
  const { answer } = await stores.pages.begin(about, name, { ...rules, mostPerHour });
  await stores.pages.done(about, name);
  return answer;
};
const kept = () => stores.redis.hlen(keys.told(0, about.key));

describe("an agent with far more pages within an hour than anybody is told", () => {
  it("has the first told, the rest in the log, and keeps a hundred at most", async () => {
    const answers: string[] = [];
    for (let one = 0; one < 150; one += 1) answers.push(await page(`page-signal-${one}`));
    expect(answers.slice(0, 12)).toEqual(Array(12).fill("tell"));
    expect(new Set(answers.slice(12))).toEqual(new Set(["log-only"]));
    expect(await kept()).toBe(100);
  });

  it("is asked about the same page once more: told ones are not told again, nor kept ones logged again", async () => {
    for (let one = 0; one < 120; one += 1) await page(`page-signal-${one}`);
    expect(await Promise.all([page("page-signal-3"), page("page-signal-99"), page("page-signal-100")])).toEqual([
      "told",
      "told",
      "log-only",
    ]);
  });

  it("has a page told that the limit does not hold back, once", async () => {
    for (let one = 0; one < 120; one += 1) await page(`page-signal-${one}`);
    expect([await page("page-over", null), await page("page-over", null)]).toEqual(["tell", "told"]);
  });
});
