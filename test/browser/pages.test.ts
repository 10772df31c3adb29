import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, expectUsable, picture, sideways, useBrowser } from "../support/browser.ts";
import { ADMIN, loggedIn, logInAt, RESPONDER, sayWhoAndWhy, VIEWER } from "./console.ts";
import { startTrouble, type Trouble } from "./trouble.ts";

let trouble: Trouble;
const visit = useBrowser();
const origin = () => trouble.product.api.url;
const as = loggedIn(visit, origin);
beforeAll(async () => {
  trouble = await startTrouble();
}, 120_000);
afterAll(() => trouble?.close());

const pages = (): readonly string[] => [
  "/incidents",
  `/incidents/${trouble.incident}`,
  `/incidents/${trouble.incident}/post-mortem`,
  "/fleet",
  "/dead-letters",
  `/dead-letters/${trouble.letter}`,
  "/cascades",
  `/cascades/${trouble.cascade}`,
  "/signals",
  "/silences",
  "/tunings",
  "/drills",
  "/settings",
  "/audit",
  "/tokens",
];

describe("every page", () => {
  it("can be read and used by everybody, in light and in dark", async () => {
    await as(ADMIN, "/", {}, async (page) => {
      for (const path of pages()) {
        await page.goto(origin() + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.getByText("Loading").first().waitFor({ state: "detached" });
        await picture(page, `light${path}`);
        const found = await barriers(page);
        await page.emulateMedia({ colorScheme: "dark" });
        await picture(page, `dark${path}`);
        const inDark = await barriers(page, ["color-contrast"]);
        await page.emulateMedia({ colorScheme: "light" });
        expect({ path, found, inDark }).toEqual({ path, found: [], inDark: [] });
      }
    });
  });

  it("fits the smallest phone", async () => {
    await as(ADMIN, "/", { screen: "narrow" }, async (page) => {
      for (const path of pages()) {
        await page.goto(origin() + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.getByText("Loading").first().waitFor({ state: "detached" });
        await picture(page, `phone${path}`);
        expect({ path, sideways: await sideways(page) }).toEqual({ path, sideways: 0 });
      }
    });
  });
});

describe("a viewer", () => {
  it("sees what could be done, and why not by them", async () => {
    await as(VIEWER, "/fleet", { screen: "phone" }, async (page) => {
      const shutdown = page.getByRole("button", { name: "Shut down the fleet" });
      await shutdown.waitFor();
      expect(await shutdown.isEnabled()).toBe(false);
      await page.getByText("A responder may do this; you are logged in as viewer.").last().waitFor();
      await shutdown.click({ force: true });
      expect(await page.getByRole("dialog").count()).toBe(0);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("link", { name: "Audit trail" }).waitFor();
      expect(await page.getByRole("link", { name: "Tokens" }).count()).toBe(0);
    });
  });
});

describe("dead letters", () => {
  it("are replayed after it was shown what would be, and are gone then", async () => {
    trouble.reachPeople();
    await as(ADMIN, "/dead-letters", { screen: "phone" }, async (page) => {
      await page.getByLabel("Choose all that are shown").check();
      await page.getByRole("button", { name: /^Replay \d+ jobs?$/ }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira", "a new webhook of Slack");
      await dialog.getByRole("button", { name: "Show what would be replayed" }).click();
      await dialog.getByText(/^\d+ jobs? would be replayed:$/).waitFor();
      expect(await trouble.product.services.deadLetters.list({}, 10)).not.toMatchObject({ deadLetters: [] });
      await dialog.getByRole("button", { name: /^Replay \d+ jobs?$/ }).click();
      await dialog.getByText("is replayed").first().waitFor();
      await expectUsable(page, "replayed");
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByText("No job has failed for good.").waitFor();
    });
  });
});

describe("the whole fleet", () => {
  it("is shut down by whoever types it, and resumed", async () => {
    await as(RESPONDER, "/fleet", {}, async (page) => {
      const free = page.getByRole("listitem").filter({ hasText: "ledger-01" });
      await free.getByText("Free to spend").waitFor();
      await page.getByRole("button", { name: "Shut down the fleet" }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira", "a drill");
      const submit = dialog.getByRole("button", { name: "Shut down the fleet" });
      await expectUsable(page, "shutdown");
      await dialog.getByLabel("Type “shut down”").fill("shut up");
      expect(await submit.isEnabled()).toBe(false);
      await dialog.getByLabel("Type “shut down”").fill("shut down");
      await submit.click();
      await page.getByText("The fleet is shut down: 5 agents are being frozen.").waitFor();
      await free.getByText("Frozen", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Resume the fleet" }).click();
      await sayWhoAndWhy(dialog, "mira", "the drill is over");
      await dialog.getByLabel("Type “resume”").fill("resume");
      await dialog.getByRole("button", { name: "Resume the fleet" }).click();
      await page.getByText(/^1 agent released\. Left as they are: .*procurement-17/).waitFor();
      await free.getByText("Free to spend").waitFor();
    });
  });
});

describe("a question that waits for a person's word", () => {
  it("is answered, and is gone then", async () => {
    await as(RESPONDER, "/fleet", { screen: "phone" }, async (page) => {
      const asked = page.getByRole("region", { name: "Waits for your word" });
      await asked.getByText("Six agents fail in one way").waitFor();
      await asked.getByRole("button", { name: "Decline" }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira", "it is a drill");
      await dialog.getByRole("button", { name: "Decline" }).click();
      await page.getByText("Declined: nothing more is done about it.").waitFor();
      await asked.waitFor({ state: "detached" });
    });
  });
});

describe("what an incident taught", () => {
  it("is put in force by an admin, and stands in the settings then", async () => {
    await as(ADMIN, "/tunings", {}, async (page) => {
      await page.getByRole("button", { name: "Approve" }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira", "the load test repeats every month");
      await dialog.getByRole("button", { name: "Approve" }).click();
      await page.getByRole("region", { name: "In force" }).getByText("costAnomaly.sigmas 2 → 2.5").waitFor();
      await page.getByRole("link", { name: "Settings" }).click();
      await page.getByText("thresholds.agents.procurement-17.costAnomaly.sigmas").waitFor();
      await page.getByText(/^tuning .*; the file says 2$/).waitFor();
    });
  });
});

describe("a settings file with a mistake", () => {
  it("changes nothing when it is read again, and says so until it is mended", async () => {
    const { settingsFile } = trouble.product;
    const good = readFileSync(settingsFile, "utf8");
    await as(ADMIN, "/settings", { screen: "phone" }, async (page) => {
      for (const [text, isWrong] of [
        ["fleet: { agents: 7 }", true],
        [good, false],
      ] as const) {
        writeFileSync(settingsFile, text);
        await page.getByRole("button", { name: "Read the file again" }).click();
        const dialog = page.getByRole("dialog");
        await sayWhoAndWhy(dialog, "mira");
        await dialog.getByRole("button", { name: "Read the file again" }).click();
        const alert = page.getByRole("alert").filter({ hasText: "fleet.agents" });
        await alert.waitFor({ state: isWrong ? "visible" : "detached" });
      }
    });
  });
});

describe("a drill", () => {
  it("is run, followed while it plays, and its score kept", async () => {
    await as(ADMIN, "/drills", { screen: "phone" }, async (page) => {
      await page.getByText("No drill was run yet.").waitFor();
      await page.getByLabel("Story").selectOption("bulk-purchase");
      await page.getByRole("button", { name: "Run the drill" }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira");
      await dialog.getByRole("button", { name: "Run the drill" }).click();
      const run = page.getByRole("listitem").filter({ hasText: "by mira" });
      await run.getByText("Running").waitFor();
      await run.getByText("Passed", { exact: true }).waitFor({ timeout: 60_000 });
      await expectUsable(page, "drill");
    });
  });
});

describe("a silence", () => {
  it("is added with who answers for it, and ended, and the audit trail says by whom", async () => {
    await as(RESPONDER, "/silences", { screen: "phone" }, async (page) => {
      await page.getByRole("button", { name: "Add a silence" }).click();
      const dialog = page.getByRole("dialog");
      await expectUsable(page, "silence");
      await sayWhoAndWhy(dialog, "mira", "load test");
      await dialog.getByLabel("Agent").fill("ledger-01");
      await dialog.getByRole("button", { name: "Add the silence" }).click();
      const silence = page.getByRole("listitem").filter({ hasText: "every signal of ledger-01" });
      await silence.getByText("In force").waitFor();
      await silence.getByRole("button", { name: "End it now" }).click();
      await sayWhoAndWhy(dialog, "mira");
      await dialog.getByRole("button", { name: "End it now" }).click();
      await silence.getByText("Over").waitFor();
      await page.goto(`${origin()}/audit`);
      for (const what of ["Add silence", "End silence"]) {
        const line = page.getByRole("listitem").filter({ hasText: what });
        await line.getByText("Done").waitFor();
        await line.getByText("mira (responder) in the console").waitFor();
      }
      await expectUsable(page, "audit-trail");
    });
  });
});

describe("a token of one's own", () => {
  it("is shown once, lets its person in by name, and locks them out when it is revoked", async () => {
    let secret = "";
    await as(ADMIN, "/tokens", {}, async (page) => {
      await page.getByRole("button", { name: "Make a token" }).click();
      const dialog = page.getByRole("dialog");
      await sayWhoAndWhy(dialog, "mira");
      await dialog.getByLabel("Whose it is").fill("ada");
      await dialog.getByRole("button", { name: "Make the token" }).click();
      secret = (await page.getByRole("alert").getByText(/^tqt_/).textContent()) ?? "";
      await expectUsable(page, "token");
      await page.getByRole("button", { name: "I have it" }).click();
      await page.reload();
      await page.getByRole("listitem").filter({ hasText: "ada" }).getByText("never used").waitFor();
      expect(await page.getByText(/tqt_/).count()).toBe(0);
      await visit({ origin: origin() }, async (hers) => {
        await logInAt(hers, origin(), "/fleet", secret);
        await hers.getByText("ada", { exact: true }).waitFor();
        await page.getByRole("listitem").filter({ hasText: "ada" }).getByRole("button", { name: "Revoke" }).click();
        await sayWhoAndWhy(dialog, "mira");
        await dialog.getByRole("button", { name: "Revoke" }).click();
        await page.getByText("Nobody has a token of their own.").waitFor();
        await hers.getByRole("link", { name: "Signals" }).click();
        await hers.getByRole("heading", { name: "Log in" }).waitFor();
      });
    });
  });
});
