import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { advance } from "./advance.ts";
import { conservativeBudget } from "./budget-gate.ts";
import type { Looked } from "./look.ts";
import type { RecoverPorts } from "./ports.ts";
import { raiseCaps, unfreezeWallet, writesLanded } from "./raise.ts";
import { timesFrom } from "./ramp.ts";
import { refuseFirstRung } from "./relapse.ts";
import { rungRaise } from "./rung.ts";

/**
 * Writes the caps of the rung that is pending, up or down, and then counts it as standing. What stopped in between is made up for:
 * the write has one name, and is sent once.
 */
export async function writeRung(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<Looked> {
  const raise = await rungRaise(ports, incident, recovery);
  if (raise) {
    const end = await raiseCaps(ports, raise, abort);
    if (end === "early") return { answer: "standing", isFree: false };
    // The next look finds who came between, and ends this recovery.
    if (end !== "stands") return { answer: "changed", isFree: false };
  } else {
    await writesLanded(ports, incident, abort);
    await unfreezeWallet(ports, incident, recovery.epoch!, abort);
  }
  return stands(ports, incident, recovery, abort);
}

async function stands(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  abort: AbortSignal,
): Promise<Looked> {
  const { id } = incident;
  const { rungs, rung: before, stepBacks } = recovery;
  const rung = recovery.pending!;
  const gate = before === null ? await conservativeBudget(ports, incident, recovery, abort) : null;
  if (gate && !gate.passed) return refuseFirstRung(ports, incident, recovery, gate);
  const now = await ports.clock.now();
  const isUp = before === null || rung > before;
  const change = {
    ...timesFrom(recovery, rung, now),
    ...{ rung, pending: null, failing: null },
    ...(gate && { gates: { ...recovery.gates, [gate.gate]: { at: now, found: gate.found } } }),
    // What was contained anew takes no further rung.
    ...(recovery.stopped === "relapsed" && { dueAt: null }),
    page: isUp ? ({ jobId: `page-${id}-rung-${rung}-${stepBacks}`, what: "rung-taken" } as const) : null,
  };
  const { percent, dailyCap, monthlyCap } = rungs[rung]!;
  const caps = recovery.raisesCaps ? { dailyCap, monthlyCap } : { raised: false };
  const detail = { percent, ...caps, ...(gate && { gate: gate.gate, passed: true, found: gate.found }) };
  const what = isUp ? "rung-taken" : "stepped-back";
  const stood = await advance(ports, incident, recovery, change, { what, detail });
  if (!stood) return { answer: "changed", isFree: false };
  await ports.incidents.attend(id, Math.min(recovery.lookEveryMs, (stood.dueAt ?? stood.normalAt!) - now));
  if (recovery.stopped === "relapsed")
    return { answer: stood.containAnew === null ? "contained-anew" : "left-free", isFree: false };
  return { answer: what, isFree: true };
}
