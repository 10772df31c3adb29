import { defineConfig } from "vitest/config";

/**
 * Three projects: `unit` is what a person runs while working (under a minute), `e2e` runs whole processes, commands and injected
 * faults, `browser` uses the console in a real browser as a person would.
 */
const shared = {
  expect: { requireAssertions: true },
  pool: "forks" as const,
  globalSetup: ["test/support/redis-server.ts"],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          // They wait for disks and timers more than for a core.
          // Importing a module opens nothing (house rule 10), so files may share them: half of the time was importing.
          isolate: false,
          maxWorkers: 4,
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/cli/*.test.ts", "test/browser/**"],
          // One that ran out of time would go on, and meet the next file on the same database.
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e",
          sequence: { groupOrder: 1 },
          include: ["test/e2e/**/*.test.ts", "test/cli/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Most of their time is waiting for locks and ticks to run out.
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          sequence: { groupOrder: 2 },
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["test/support/chromium.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
