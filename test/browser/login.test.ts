import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consoleLink } from "../../src/cli/start/addresses.ts";
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

describe("the link that npm start prints", () => {
  it("logs in, leaves the token in no address, and what the browser keeps no script can read", async () => {
    await visit({ origin: api.url }, async (page) => {
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(consoleLink(api.url, tokens.admin!));
      await page.getByRole("navigation").first().waitFor();
      await page.getByRole("heading", { level: 1 }).and(page.locator(":not(:text-is('Log in'))")).waitFor();
      expect([page.url(), ...asked].join()).not.toContain(tokens.admin);
      expect(await page.evaluate("document.cookie")).toBe("");
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ name: "tourniquet", httpOnly: true, sameSite: "Strict" });
      // Opened again, by whoever is logged in already: the browser stays on the page it has.
      await page.goto(consoleLink(api.url, tokens.admin!));
      await page.waitForURL((url) => url.hash === "");
      await page.reload();
      await page.getByRole("navigation").first().waitFor();
      expect(page.url()).not.toContain(tokens.admin);
      await page.goBack();
      expect(page.url()).not.toContain(tokens.admin);
    });
  });

  it("puts no other login in the place of one's own unasked", async () => {
    await visit({ origin: api.url }, async (page) => {
      const role = async () =>
        page.evaluate("fetch('/api/session').then((answer) => answer.json()).then(({ role }) => role)");
      await page.goto(consoleLink(api.url, tokens.responder!));
      await page.getByRole("navigation").first().waitFor();
      const sent = `${api.url}/login#token=${tokens.viewer}`;
      await page.goto(sent);
      await page.getByRole("heading", { name: "You are logged in as responder" }).waitFor();
      expect([await role(), page.url()]).toEqual(["responder", `${api.url}/login`]);
      await page.getByRole("button", { name: "Stay responder" }).click();
      await page.getByRole("navigation").first().waitFor();
      expect(await role()).toBe("responder");
      await page.goto(sent);
      await page.getByRole("button", { name: "Log in with the token of the link" }).click();
      await page.getByRole("navigation").first().waitFor();
      expect(await role()).toBe("viewer");
    });
  });

  it("leads to the login, and says so, when its token is wrong", async () => {
    await visit({ origin: api.url }, async (page) => {
      await page.goto(consoleLink(api.url, "of-yesterday"));
      await page.getByRole("button", { name: "Log in" }).waitFor();
      await page.getByRole("alert").waitFor();
      expect(page.url()).not.toContain("of-yesterday");
    });
  });
});
