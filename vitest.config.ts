import { defineConfig } from "vitest/config";

/**
 * Four projects: `unit` is what a person runs while working (under a minute), `long` is the same where it takes seconds a file, `e2e`
 * runs whole processes, commands and injected faults, `browser` uses the console in a real browser as a person would.
 */
const shared = {
  expect: { requireAssertions: true },
  pool: "forks" as const,
  globalSetup: ["test/support/redis-server.ts"],
};

/** A whole product in one process, or an order of events tried in hundreds of ways. */
const long = [
  "test/cli/backtest/{night,equality}.test.ts",
  "test/contain/{breach,cascade,halve}.test.ts",
  "test/detect/{activity-thresholds,combined}.test.ts",
  "test/detect/rules/order.property.test.ts",
  "test/detect/watch/story.test.ts",
  "test/http/{api-answers,api-roles,aside,export-aside}.test.ts",
  "test/learn/ledger/of-an-incident.test.ts",
  "test/recover/*-at-every-await.test.ts",
  "test/recover/agent-state.property.test.ts",
  "test/runbooks/conformance.test.ts",
  "test/scripts/bootstrap.test.ts",
];

const inOneProcess = {
  ...shared,
  // They wait for disks and timers more than for a core.
  // Importing a module opens nothing (house rule 10), so files may share them: half of the time was importing.
  isolate: false,
  maxWorkers: 4,
  sequence: { groupOrder: 0 },
  // One that ran out of time would go on, and meet the next file on the same database.
  testTimeout: 60_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...inOneProcess,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/cli/*.test.ts", "test/browser/**", ...long],
        },
      },
      { test: { ...inOneProcess, name: "long", include: long } },
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
