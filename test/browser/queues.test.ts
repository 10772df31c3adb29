import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queueNames } from "../../src/queues/jobs.ts";
import { type Api, openApi, tokens } from "../http/api.ts";
import { useBrowser } from "../support/browser.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";

let redis: RedisProcess;
let api: Api;
const visit = useBrowser();
beforeAll(async () => {
  redis = await startRedis();
  api = await openApi({ redisUrl: redis.url, tokens });
  await api.services.queues.of("contain", 0).add("contain", { incidentId: "inc-shown" }, { delay: 3_600_000 });
});
afterAll(async () => {
  await api?.close();
  await redis?.stop();
});

describe("the queues in a browser", () => {
  it("ask for a login, then show every queue and its jobs without a policy being broken, and lead to the console", async () => {
    await visit({ origin: api.url }, async (page) => {
      await page.goto(`${api.url}/admin/queues/`);
      expect(new URL(page.url()).pathname).toBe("/login");
      await page.getByLabel("Token").fill(tokens.viewer!);
      await page.getByRole("button", { name: "Log in" }).click();
      for (const name of queueNames) await page.getByRole("link", { name }).first().waitFor();
      await page.goto(`${api.url}/admin/queues/queue/contain?status=delayed`);
      await page.getByText("inc-shown").first().waitFor();
      await page.getByRole("banner").getByRole("button").last().click();
      await page.getByRole("menuitem", { name: "Console" }).click();
      await page.waitForURL(({ pathname }) => !pathname.startsWith("/admin"));
      await page.getByRole("heading", { level: 1 }).waitFor();
    });
  });
});
