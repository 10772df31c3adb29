import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectUsable, type Screen, useBrowser } from "../support/browser.ts";
import { type CommandProcess, startCommand } from "../support/command-process.ts";
import { expectStopped, night, playNight, standDown } from "../support/night.ts";
import { type Product, settingsOf } from "../support/product.ts";
import { loggedIn, RESPONDER, startConsole, VIEWER } from "./console.ts";

const agents = {
  phone: "procurement-17",
  desktop: "procurement-18",
  keyboard: "procurement-19",
  form: "procurement-20",
  late: "procurement-21",
} as const;
const recovery = "recovery: { lookEveryMs: 1000 }\n";

let product: Product;
/** The API that people reach, on a port of its own: it is killed and comes back there. */
let api: CommandProcess;
const visit = useBrowser();
const as = loggedIn(visit, () => api.url);
const startApi = (port: string) => startCommand(["api"], { ...product.environment, PORT: port });

beforeAll(async () => {
  product = await startConsole({ workers: ["all"], settings: settingsOf(2_000, ...Object.values(agents)) + recovery });
  api = await startApi("0");
});
afterAll(async () => {
  await api?.kill();
  await product?.close();
});

const row = (page: Page, agent: string) => page.getByRole("link").filter({ hasText: agent }).first();
/** What stands at the top of an incident, and is read out when it changes. */
const standing = (page: Page, word: string | RegExp) =>
  page.getByRole("region", { name: "How it is now" }).getByText(word).first().waitFor({ timeout: 60_000 });

describe("the 2:47 story", () => {
  it.each(["phone", "desktop"] satisfies Screen[])(
    "is seen as it happens, taken on, contained, and brought back on a %s",
    async (screen) => {
      const agent = agents[screen];
      await as(RESPONDER, "/", { screen }, async (page) => {
        await page.getByRole("heading", { name: "Incidents" }).waitFor();
        expect(await row(page, agent).count()).toBe(0);
        const played = playNight(product, night(agent));
        await row(page, agent).click();
        await page.getByRole("button", { name: "Acknowledge" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Your name").fill("mira");
        await dialog.getByRole("button", { name: "Acknowledge" }).click();
        await page.getByText("It is yours: nobody else is woken.").waitFor();
        await played;
        await standing(page, "Contained");
        await page.getByRole("button", { name: "Recover" }).click();
        await dialog.getByLabel("What was wrong").fill("no limit on retries");
        await dialog.getByLabel("How it was mended").fill("v2.3 gives up after three");
        await dialog.getByRole("button", { name: "Recover" }).click();
        await standing(page, "Recovering 50 %");
        await page.getByRole("heading", { name: "Recovery" }).waitFor();
        await page.getByText("$500.00").first().waitFor();
      });
    },
  );

  it("is dealt with by the keyboard alone, and was a false alarm this time", async () => {
    const agent = agents.keyboard;
    await playNight(product, night(agent));
    await as(RESPONDER, "/", {}, async (page) => {
      await row(page, agent).waitFor();
      await press(page, agent);
      await standing(page, "Contained");
      await press(page, "Acknowledge");
      await page.getByRole("dialog").waitFor();
      await write(page, "Your name", "mira");
      await press(page, "Acknowledge");
      await page.getByText("It is yours: nobody else is woken.").waitFor();
      await focusIsKept(page);
      await press(page, "Stand down");
      await write(page, "Why", "a load test that nobody told of");
      await press(page, "Stand down");
      await standing(page, "Stood down");
      await focusIsKept(page);
    });
  });
});

describe("a form that is open when somebody else does the deed", () => {
  it("says so, and cannot be sent any more", async () => {
    await playNight(product, night(agents.late, 12));
    await as(RESPONDER, "/", { screen: "phone" }, async (page) => {
      await row(page, agents.late).click();
      await standing(page, "Contained");
      await page.getByRole("button", { name: "Stand down" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Why").fill("a load test");
      await standDown(product, await expectStopped(product, agents.late));
      await dialog
        .getByRole("alert")
        .filter({ hasText: /ada called it a false alarm|It is over already/ })
        .waitFor();
      await dialog.getByRole("button", { name: "Stand down", disabled: true }).waitFor();
      expect(await dialog.getByLabel("Why").inputValue()).toBe("a load test");
    });
  });
});

/** The button that was pressed is gone by now: what came of it has the focus, or what stands next, and not the page as a whole. */
const focusIsKept = (page: Page) => page.waitForFunction("document.activeElement !== document.body");

/** Tabs to what is called so and presses Enter, as whoever has no mouse does. */
async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, `(at) => at.matches("a, button") && at.textContent.includes(${JSON.stringify(name)})`, name);
  await page.keyboard.press("Enter");
}

async function write(page: Page, label: string, text: string): Promise<void> {
  await tabTo(
    page,
    `(at) => [...(at.labels ?? [])].some((one) => one.textContent.includes(${JSON.stringify(label)}))`,
    label,
  );
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type(text);
}

/** By the link, also where a look of the page's own has been refused meanwhile and the question already lies over it. */
const goTo = (page: Page, name: string) =>
  page.getByRole("link", { name, exact: true }).evaluate((link) => (link as unknown as { click(): void }).click());

async function tabTo(page: Page, isIt: string, what: string): Promise<void> {
  for (let tries = 0; tries < 80; tries++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`(${isIt})(document.activeElement)`)) return;
  }
  throw new Error(`the keyboard does not reach ${what}`);
}

describe("whoever may only look", () => {
  it("sees the incident, and why nothing can be pressed", async () => {
    await as(VIEWER, "/", { screen: "phone" }, async (page) => {
      await row(page, agents.phone).click();
      await standing(page, /./);
      for (const name of ["Recover", "Stand down"])
        expect(await page.getByRole("button", { name }).isEnabled()).toBe(false);
      const why = page.getByText("A responder may do this; you are logged in as viewer.");
      await why.filter({ visible: true }).first().waitFor();
    });
  });
});

describe("a login", () => {
  it("with a wrong token is refused in a sentence, and nothing is kept", async () => {
    await visit({ origin: api.url, screen: "phone" }, async (page) => {
      await page.goto(api.url);
      await page.getByLabel("Token").fill("not-a-token-of-ours");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("alert").filter({ hasText: "none of ours" }).waitFor();
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  it("that has ended is asked for again, and leads to where one was going", async () => {
    await as(VIEWER, "/settings", {}, async (page) => {
      await page.getByRole("heading", { name: "Settings in force" }).waitFor();
      await page.context().clearCookies();
      await goTo(page, "Silences");
      const asked = page.getByRole("dialog", { name: "Log in again" });
      await asked.getByText("Your login has ended").waitFor();
      await asked.getByLabel("Token").fill(VIEWER);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Silences" }).waitFor();
    });
  });

  it("that another tab made is this one's too", async () => {
    await as(VIEWER, "/settings", {}, async (page) => {
      await page.getByRole("heading", { name: "Settings in force" }).waitFor();
      const { cookies } = await page.context().storageState();
      await page.context().clearCookies();
      await goTo(page, "Silences");
      const asked = page.getByRole("dialog", { name: "Log in again" });
      await asked.waitFor();
      await page.context().addCookies(cookies);
      await page.evaluate("dispatchEvent(new Event('focus'))");
      await asked.waitFor({ state: "hidden" });
      await page.getByText("Nothing is silenced.").waitFor();
    });
  });

  it("that ends while a form is filled in is asked for in front of it, and nothing that was written is lost", async () => {
    await playNight(product, night(agents.form));
    await as(RESPONDER, "/", { screen: "phone" }, async (page) => {
      await row(page, agents.form).click();
      await standing(page, "Contained");
      await page.getByRole("button", { name: "Recover" }).click();
      const form = page.getByRole("dialog", { name: "Bring the agent back" });
      await form.getByLabel("Your name").fill("mira");
      await form.getByLabel("What was wrong").fill("no limit on retries");
      await form.getByLabel("How it was mended").fill("v2.3 gives up after three");
      await page.context().clearCookies();
      await form.getByRole("button", { name: "Recover" }).click();
      const asked = page.getByRole("dialog", { name: "Log in again" });
      await asked.getByText("nothing of it was sent").waitFor();
      await expectUsable(page, "login-ended");
      for (const _ of "abc") await page.keyboard.press("Escape");
      await asked.getByLabel("Token").fill(RESPONDER);
      await asked.getByRole("button", { name: "Log in and go on" }).click();
      await asked.waitFor({ state: "hidden" });
      expect(await form.getByLabel("What was wrong").inputValue()).toBe("no limit on retries");
      expect(await form.getByRole("alert").count()).toBe(0);
      await form.getByRole("button", { name: "Recover" }).click();
      await standing(page, "Recovering 50 %");
      await page.getByText("v2.3 gives up after three").waitFor();
    });
  });
});

describe("when the API dies and comes back", () => {
  it("the page says so, finds it again, and shows what happened meanwhile", async () => {
    await as(RESPONDER, "/silences", { allows: /ERR_|net::|EventSource|Failed to load/ }, async (page) => {
      await page.getByText("Live", { exact: true }).waitFor();
      await api.kill();
      await page.getByText(/^(Connecting|No connection)/).waitFor({ timeout: 30_000 });
      const until = Date.now() + 3_600_000;
      await product.services.silences.add({
        ...{ owner: "mira", reason: "load test", from: Date.now(), until },
        ...{ agent: undefined, signal: undefined, holdsContainment: false },
      });
      api = await startApi(new URL(api.url).port);
      await page.getByText("Live", { exact: true }).waitFor({ timeout: 45_000 });
      await page.getByText("load test").waitFor();
    });
  });
});
