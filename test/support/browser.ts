import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

/** What a person holds. The narrow one is the smallest phone that is still sold. */
export const screens = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  desktop: { viewport: { width: 1440, height: 900 } },
} satisfies Record<string, BrowserContextOptions>;
export type Screen = keyof typeof screens;

export interface VisitOptions {
  screen?: Screen;
  /** Where the console is served: nothing may be asked of anybody else. */
  origin: string;
  /** Cookies of a visit before, from `page.context().storageState()`. */
  cookies?: BrowserContextOptions["storageState"];
  /** Troubles that this story brings about itself, such as a server that is killed. */
  allows?: RegExp;
}

/** Nothing but the page: no calls home, no first-run pages. Without a sandbox of its own, as containers give it none. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Visit = (options: VisitOptions, story: (page: Page) => Promise<void>) => Promise<void>;

/**
 * One browser for the tests of a file; every visit has a profile of its own. A visit fails as well for an error on the
 * console (which is where a broken content security policy shows), an uncaught error, a request to another origin, or a 5xx.
 */
export function useBrowser(): Visit {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: inject("chromium"), args: flags });
  });
  afterAll(() => browser?.close());
  return async ({ screen = "desktop", origin, cookies, allows }, story) => {
    const context = await browser.newContext({
      ...screens[screen],
      ...(cookies && { storageState: cookies }),
      colorScheme: "light",
      locale: "en-GB",
      timezoneId: "UTC",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(20_000);
    const troubles = watch(context, origin);
    const page = await context.newPage();
    try {
      await story(page);
      expect(troubles.filter((trouble) => !allows?.test(trouble))).toEqual([]);
    } catch (error) {
      throw await withPicture(page, error, troubles);
    } finally {
      await context.close();
    }
  };
}

/** What went wrong on any page of this profile, as it comes. */
function watch(context: BrowserContext, origin: string): string[] {
  const troubles: string[] = [];
  context.on("console", (message) => {
    // What the answer was is judged by whoever asked: 401 and 422 are answers like others.
    const isAnswer = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === "error" && !isAnswer) troubles.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => troubles.push(`uncaught: ${error.error().message}`));
  context.on("request", (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith("http") && asked !== new URL(origin).origin) troubles.push(`foreign: ${request.url()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 500) troubles.push(`${response.status()}: ${response.url()}`);
  });
  return troubles;
}

async function withPicture(page: Page, error: unknown, troubles: readonly string[]): Promise<Error> {
  const failure = error instanceof Error ? error : new Error(String(error));
  const path = join(mkdtempSync(join(tmpdir(), "tourniquet-browser-")), "page.png");
  const isTaken = await page.screenshot({ path, fullPage: true }).then(
    () => true,
    () => false,
  );
  failure.message += [
    `\nat ${page.url()}`,
    ...(isTaken ? [`the page as it was: ${path}`] : []),
    ...(troubles.length > 0 ? [`troubles: ${troubles.join(" | ")}`] : []),
  ].join("\n");
  return failure;
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string; target: string[] }[];
}

/** What axe-core holds against the page as it is, serious and critical, one line each. only: these of its rules. */
export async function barriers(page: Page, only?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe);
  const options = JSON.stringify({ resultTypes: ["violations"], ...(only && { runOnly: only }) });
  const violations: Violation[] = await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`));
}

/** For whoever looks at the pages: TEST_PICTURES names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const { TEST_PICTURES: folder } = process.env;
  if (folder) await page.screenshot({ path: join(folder, `${name.replaceAll(/[^\w.-]/g, "_")}.png`), fullPage: true });
}

/** How many pixels the page can be pushed sideways; 0 on a good one. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** As it is now, a dialog that is open included. name: of the picture. */
export async function expectUsable(page: Page, name: string): Promise<void> {
  await picture(page, `deed-${name}`);
  expect({ barriers: await barriers(page), sideways: await sideways(page) }).toEqual({ barriers: [], sideways: 0 });
}
