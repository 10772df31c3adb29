import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Visit, VisitOptions } from "../support/browser.ts";
import { type Product, type ProductOptions, RESPONDER, startProduct } from "../support/product.ts";

export const VIEWER = "viewer-of-the-browser-tests";
export const ADMIN = "admin-of-the-browser-tests";
export { RESPONDER };

/** The product with a token of each role. */
export const startConsole = (options: ProductOptions): Promise<Product> =>
  startProduct({ ...options, environment: { VIEWER_TOKEN: VIEWER, ADMIN_TOKEN: ADMIN, ...options.environment } });

/** As a person who came for a page: it asks them who they are first, and leads there then. */
export async function logInAt(page: Page, origin: string, path: string, token: string): Promise<void> {
  await page.goto(origin + path);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1 }).and(page.locator(":not(:text-is('Log in'))")).waitFor();
}

/**
 * Visits of people who are logged in already: the first with a token logs in, as nobody may do more often than five times a
 * minute from one address; those after it bring its cookie along.
 */
export function loggedIn(visit: Visit, origin: () => string) {
  const kept = new Map<string, BrowserContextOptions["storageState"]>();
  return (
    token: string,
    path: string,
    options: Omit<VisitOptions, "origin" | "cookies">,
    story: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const cookies = kept.get(token);
    return visit({ ...options, origin: origin(), ...(cookies && { cookies }) }, async (page) => {
      if (cookies) await page.goto(origin() + path);
      else {
        await logInAt(page, origin(), path, token);
        kept.set(token, await page.context().storageState());
      }
      await story(page);
    });
  };
}

/** Who and why, where a dialog asks. */
export async function sayWhoAndWhy(dialog: Locator, by: string, reason?: string): Promise<void> {
  await dialog.getByLabel("Your name").fill(by);
  if (reason !== undefined) await dialog.getByLabel("Why").fill(reason);
}
