import { isHearsay } from "../incident/hearsay.ts";
import type { Incident } from "../incident/incident.ts";
import type { KeptRecovery } from "../incident/recovery.ts";
import type { Signal } from "../incident/signal.ts";
import { explainedBy } from "../runbooks/index.ts";
import { advance } from "./advance.ts";
import { refusedPage } from "./begin.ts";
import { RELAPSE } from "./contain-anew.ts";
import type { GateAnswer } from "./gates.ts";
import type { Looked } from "./look.ts";
import type { RecoverPorts } from "./ports.ts";

/** What happened since the last rung, one sentence. */
export interface Trouble {
  what: string;
  detail: Readonly<Record<string, unknown>>;
}

/**
 * Whether anything was concluded about the agent since then, however mild (R2). Not: a failed check of ours, which says nothing
 * about it; what only the bus says; what this recovery itself concluded; and that caps run low which we keep low.
 */
export async function troubleSince(
  { verdicts }: Pick<RecoverPorts, "verdicts">,
  { agentId }: Incident,
  recovery: KeptRecovery,
): Promise<Trouble | null> {
  const kept = await verdicts.between(agentId, 0, Number.MAX_SAFE_INTEGER);
  const isTrouble = (signal: Signal) =>
    signal.kind !== "detection-failure" &&
    signal.why.rule !== RELAPSE &&
    !isHearsay(signal) &&
    !(keepsCapsLow(recovery) && explainedBy(signal.kind).length > 0);
  const found = kept.find(({ signal, keptAt }) => keptAt >= recovery.since && isTrouble(signal));
  return found ? { what: found.signal.why.sentence, detail: { signal: found.signal.id } } : null;
}

/** The agent may spend less than before, by our doing. open-incident.lua asks the same before it opens an incident. */
const keepsCapsLow = ({ rung, rungs }: KeptRecovery): boolean => (rungs[rung ?? 0]?.percent ?? 100) < 100;

/**
 * R2: the rung that is due is not taken, the one before stands again, and people are told; the next is due after the same gap
 * again. Before the first there is none: the agent is contained anew. Answers what is to be written now; null: somebody else was faster.
 */
export async function relapse(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  trouble: Trouble,
  now: number,
): Promise<KeptRecovery | null> {
  const { rung, stepBacks } = recovery;
  const isFirst = rung === null || rung === 0;
  const change = {
    stepBacks: stepBacks + 1,
    since: now,
    stopped: isFirst ? ("relapsed" as const) : null,
    dueAt: null,
    // Also where it stands already: somebody may have raised the caps above it.
    pending: rung === null ? null : Math.max(rung - 1, 0),
    containAnew: isFirst ? trouble.what : null,
    page: { jobId: `page-${incident.id}-stepped-back-${stepBacks + 1}`, what: "stepped-back" } as const,
  };
  const detail = { why: trouble.what, ...trouble.detail, containedAnew: isFirst };
  return advance(ports, incident, recovery, change, { what: "relapsed", detail });
}

/** The first rung stands at the gateway, and what is read back is not as it must be (R1): people are told, and it is contained anew. */
export async function refuseFirstRung(
  ports: RecoverPorts,
  incident: Incident,
  recovery: KeptRecovery,
  { gate, reason, found }: Extract<GateAnswer, { passed: false }>,
): Promise<Looked> {
  const stepBacks = recovery.stepBacks + 1;
  const change = { stepBacks, stopped: "relapsed", pending: null, containAnew: reason } as const;
  const detail = { gate, passed: false, reason, found, askedBy: recovery.by };
  const page = refusedPage(incident, recovery);
  await advance(ports, incident, recovery, { ...change, page }, { what: "recovery-refused", detail });
  return { answer: "contained-anew", isFree: false };
}
