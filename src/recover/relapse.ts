import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import { advance } from "./advance.ts";
import { refusedPage } from "./begin.ts";
import { isLeftFree } from "./contain-anew.ts";
import type { GateAnswer } from "./gates.ts";
import type { Looked } from "./look.ts";
import type { RecoverPorts } from "./ports.ts";

/** What happened since the last look that had an answer, one sentence. */
export interface Trouble {
  what: string;
  detail: Readonly<Record<string, unknown>>;
  /** How often the agent had been warned of: what comes later is trouble again. */
  warned: number;
}

/**
 * Whether anything was concluded about the agent that was not answered yet, however mild (R2; incident/trouble.ts says what does
 * not count). The number is read first, so that what comes meanwhile is new to the next look.
 */
export async function troubleSince(
  { verdicts, recoveries }: Pick<RecoverPorts, "verdicts" | "recoveries">,
  { agentId }: Incident,
  { warned }: KeptRecovery,
): Promise<Trouble | null> {
  const { times, last } = await recoveries.warnings(agentId);
  if (times === warned) return null;
  const verdict = last === null ? null : await verdicts.load(agentId, last);
  const what = verdict?.signal.why.sentence ?? "it was warned of, and what was seen is not kept any more";
  return { what, detail: { signal: last }, warned: times };
}

/**
 * R2: the rung that is due is not taken, the one before stands again, and people are told; the next is due after the same gap
 * again. Before the first there is none: the agent is contained anew. Answers what is to be written now; null: somebody else was faster.
 */
export async function relapse(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  { what: why, detail, warned }: Trouble,
): Promise<KeptRecovery | null> {
  const { rung, stepBacks } = recovery;
  const isFirst = rung === null || rung === 0;
  const leftFree = isFirst && (await isLeftFree(ports, incident));
  const change = {
    stepBacks: stepBacks + 1,
    warned,
    stopped: isFirst ? ("relapsed" as const) : null,
    dueAt: null,
    // Also where it stands already: somebody may have raised the caps above it.
    pending: rung === null ? null : Math.max(rung - 1, 0),
    failing: null,
    containAnew: isFirst ? why : null,
    page: { jobId: `page-${incident.id}-stepped-back-${stepBacks + 1}`, what: "stepped-back" } as const,
  };
  const entry = { why, ...detail, containedAnew: isFirst && !leftFree, ...(leftFree && { leftFree }) };
  return advance(ports, incident, recovery, change, { what: "relapsed", detail: entry });
}

/** The first rung stands at the gateway, and what is read back is not as it must be (R1): people are told, and it is contained anew. */
export async function refuseFirstRung(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  { gate, reason, found }: Extract<GateAnswer, { passed: false }>,
): Promise<Looked> {
  const stepBacks = recovery.stepBacks + 1;
  const change = { stepBacks, stopped: "relapsed", pending: null, failing: null, containAnew: reason } as const;
  const leftFree = await isLeftFree(ports, incident);
  const detail = { gate, passed: false, reason, found, askedBy: recovery.by, ...(leftFree && { leftFree }) };
  const page = refusedPage(incident, recovery);
  await advance(ports, incident, recovery, { ...change, page }, { what: "recovery-refused", detail });
  return { answer: leftFree ? "left-free" : "contained-anew", isFree: false };
}
