import type { TestProject } from "vitest/node";
import { ensureChromium } from "../../scripts/programs.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    /** The program of a Chrome or Chromium; `inject("chromium")`. */
    chromium: string;
  }
}

/** Also for whoever calls vitest itself: a machine without a browser gets one, or the run ends with what to do. */
export default function setup(project: TestProject): void {
  project.provide("chromium", ensureChromium());
}
