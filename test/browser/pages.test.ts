import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsOf } from "../../src/cli/drill/settings.ts";
import { play, stage } from "../../src/sandbox/play.ts";
import { sharedWallet } from "../../src/sandbox/scenarios/shared-wallet.ts";
import { type Receiver, startReceiver, status } from "../notify/receiver.ts";
import { barriers, picture, sideways, useBrowser } from "../support/browser.ts";
import { type Product, SECRET } from "../support/product.ts";
import { until } from "../support/until.ts";
import { ADMIN, logInAt, startConsole } from "./console.ts";

/** Four agents on one wallet fail together, and whoever should be told cannot be reached: something to show on every page. */
let product: Product;
let slack: Receiver;
const visit = useBrowser();
let letter: string;
let incident: string;
let cascade: string;

beforeAll(async () => {
  slack = await startReceiver();
  slack.answers.push(...Array.from({ length: 200 }, () => status(404)));
  product = await startConsole({
    workers: ["all"],
    settings: settingsOf(sharedWallet),
    environment: { SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/secret` },
  });
  await stage(product.sandbox.url, sharedWallet);
  const activity = { url: `${product.api.url}/webhooks/agent-activity`, secret: SECRET };
  await play(product.sandbox.url, sharedWallet, { speed: 20, activity });
  const [first] = await until(
    async () => {
      const cascades = await product.services.cascades.list(5);
      return cascades.length > 0 && cascades;
    },
    "a cascade",
    30_000,
  );
  cascade = first!.id;
  const all = await until(
    async () => {
      const found = await product.services.incidents.list(10);
      return found.length === 4 && found.every(({ status }) => status === "contained") && found;
    },
    "four contained incidents",
    60_000,
  );
  incident = all[0]!.id;
  const dead = await until(
    async () => (await product.services.deadLetters.list({}, 10)).deadLetters[0],
    "a dead letter",
    30_000,
  );
  letter = `${dead.queue}/${encodeURIComponent(dead.id)}`;
}, 120_000);
afterAll(async () => {
  await product?.close();
  await slack?.close();
});

const pages = (): readonly string[] => [
  "/incidents",
  `/incidents/${incident}`,
  "/fleet",
  "/dead-letters",
  `/dead-letters/${letter}`,
  "/cascades",
  `/cascades/${cascade}`,
  "/signals",
  "/silences",
  "/tunings",
  "/settings",
  "/audit",
  "/tokens",
];

describe("every page", () => {
  it.each(["light", "dark"] as const)("can be read and used by everybody in %s", async (theme) => {
    await visit({ origin: product.api.url, theme }, async (page) => {
      await logInAt(page, product.api.url, "/", ADMIN);
      for (const path of pages()) {
        await page.goto(product.api.url + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.getByText("Loading").first().waitFor({ state: "detached" });
        await picture(page, `desktop-${theme}${path}`);
        expect({ path, barriers: await barriers(page) }).toEqual({ path, barriers: [] });
      }
    });
  });

  it("fits the smallest phone", async () => {
    await visit({ origin: product.api.url, screen: "narrow" }, async (page) => {
      await logInAt(page, product.api.url, "/", ADMIN);
      for (const path of pages()) {
        await page.goto(product.api.url + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.getByText("Loading").first().waitFor({ state: "detached" });
        await picture(page, `phone${path}`);
        expect({ path, sideways: await sideways(page) }).toEqual({ path, sideways: 0 });
      }
    });
  });
});
