import type { KeptRecovery, Recovery } from "../../src/incident/recovery.ts";

/** 2026-11-22T02:47:00Z: when it was asked for; the rungs are those of the story, 500.00 a day and no monthly cap. */
export const ASKED_AT = Date.UTC(2026, 10, 22, 2, 47);
const HOUR_MS = 3_600_000;
type Given = Recovery & Partial<KeptRecovery>;

/** A recovery as it is kept; what a test is about is given, the rest is one that was just asked for. */
export function aRecovery(given: Partial<KeptRecovery> = {}): Given {
  return {
    ...{ by: "ada", rootCause: "retry loop without an end", fix: "v2.3 gives up after three", askedAt: ASKED_AT },
    gates: { "root-cause": { at: ASKED_AT, found: { by: "ada" } } },
    ...{ epoch: null, rungs: [], rung: null, rungAt: null, dueAt: null, normalAt: null, stepBacks: 0 },
    ...{
      change: 1,
      acceptReputation: null,
      namedCaps: null,
      begunAt: null,
      warned: 0,
      raisesCaps: true,
      pending: null,
    },
    ...{ normalAfterMs: 48 * HOUR_MS, lookEveryMs: 30_000, stopped: null, waitsFor: [] },
    ...given,
  };
}

/** The same with all gates passed and this rung standing since ten minutes after it was asked for. */
export function aRecoveryAt(rung: number, given: Partial<KeptRecovery> = {}): Given {
  const at = ASKED_AT + 600_000;
  const dueAfter = [6 * HOUR_MS, 24 * HOUR_MS][rung];
  return aRecovery({
    gates: {
      "root-cause": { at: ASKED_AT, found: { by: "ada" } },
      "identity-and-reputation": { at: ASKED_AT + 1_000, found: {} },
      "conservative-budget": { at, found: { dailyCap: "250.00" } },
    },
    ...{ epoch: 2, begunAt: ASKED_AT + 1_000, rung, rungAt: at, normalAt: at + 48 * HOUR_MS },
    dueAt: dueAfter === undefined ? null : at + dueAfter,
    rungs: [
      { afterMs: 0, percent: 50, dailyCap: "250.00", monthlyCap: null },
      { afterMs: 6 * HOUR_MS, percent: 75, dailyCap: "375.00", monthlyCap: null },
      { afterMs: 24 * HOUR_MS, percent: 100, dailyCap: "500.00", monthlyCap: null },
    ],
    ...given,
  });
}
