import { carriedBy, openRequest } from "../../contain/freeze.ts";
import { confirmLate } from "../../contain/late.ts";
import { holdBack } from "../../contain/silenced.ts";
import { whatFollows } from "../../detect/admit.ts";
import { joinCascade } from "../../detect/cascade.ts";
import { correlate } from "../../detect/correlate.ts";
import { countsForCascade } from "../../incident/cascade.ts";
import type { JobData } from "../../incident/jobs.ts";
import type { Verdict } from "../../incident/verdict.ts";
import type { Tried } from "../../learn/backtest.ts";
import { planOf } from "../../runbooks/plan.ts";
import type { Scratch } from "../../scratch.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Book, Opening } from "./book.ts";
import { createFindings, type Findings } from "./findings.ts";
import { type Asked, type Memory, type Moment, type ReplayPorts, replayPorts } from "./ports.ts";
import type { Told } from "./trace.ts";
import type { Understandable } from "./waves.ts";

/** One candidate on its way through a trace. */
export interface Replay {
  /** What detection makes of these, at once: no two of them may be of one agent or of one wallet. */
  judge(wave: readonly Understandable[]): Promise<readonly Judged[]>;
  /** What follows, in the order of the trace. opening: the escrow that the event opened, which the book knows by now. */
  conclude(judged: Judged, opening: Opening | null): Promise<void>;
  tried(): Tried;
}

export interface Judged {
  told: Told;
  moment: Moment;
  ports: ReplayPorts;
}

/**
 * What live does with an event, from intake to the incident, with the same code on windows of its own. What follows at the
 * gateway is left out: an agent counts as contained from here on, and what it goes on doing is what the trace tells.
 */
export function createReplay(name: string, settings: Settings, scratch: Scratch, book: Book): Replay {
  const acting: Settings = { ...settings, mode: "act", runbooks: new Map() };
  const memory: Memory = { asked: new Set(), keptAt: new Map(), frozen: new Map(), waiting: new Set() };
  const findings = createFindings(book);
  const judgeOne = async ({ told, understood }: Understandable): Promise<Judged> => {
    const { stored } = told;
    const { id, source, receivedAt, agentId } = stored;
    const identity = { by: "id", value: id } as const;
    const follows = whatFollows(understood, { source, identity }, acting, receivedAt);
    // What became of a recorded event was decided by other settings.
    const undecided = { ...stored, disposition: null, reason: null, verdicts: follows.verdicts ?? [] };
    const moment: Moment = { now: receivedAt, stored: undecided, asked: [] };
    const ports = replayPorts(scratch, acting, memory, moment);
    const freeze = { eventId: id, agentId: agentId ?? "", signalId: null };
    if (follows.next === "freeze") await ports.dispatch.add("freeze", freeze.agentId, id, freeze);
    if (follows.next === "correlate") await correlate(ports, { eventId: id });
    return { told, moment, ports };
  };
  return {
    judge: (wave) => Promise.all(wave.map(judgeOne)),
    async conclude({ told, moment, ports }, opening) {
      findings.at(told, opening);
      for (let asked = moment.asked.shift(); asked; asked = moment.asked.shift())
        await work({ ports, moment, findings, book }, asked);
    },
    tried: () => ({ name, ...findings.found(), waiting: [...memory.waiting].sort() }),
  };
}

interface Context extends Pick<Judged, "ports" | "moment"> {
  findings: Findings;
  book: Book;
}

async function work(context: Context, asked: Asked): Promise<void> {
  if (asked.queue === "freeze") await freeze(context, asked.data);
  if (asked.queue === "correlate" && "signalId" in asked.data) await joinCascade(context.ports, asked.data);
  if (asked.queue === "notification" && asked.data.what === "signal") context.findings.warned();
}

const never = new AbortController().signal;

/** contain/freeze.ts, up to the incident. */
async function freeze(context: Context, job: JobData["freeze"]): Promise<void> {
  const { ports, moment, book } = context;
  if (!("signalId" in job)) return;
  const verdict = job.signalId ? await ports.verdicts.load(job.agentId, job.signalId) : carriedBy(moment.stored);
  if (!verdict) return;
  // Whoever concluded it asked about silences, unless it was an event alone, or a cascade.
  const isAsked = job.eventId === null ? verdict.cascadeId === undefined : job.signalId !== null;
  if (!isAsked && (await holdBack(ports, verdict, { now: moment.now, silences: [] })) !== null) return;
  if (job.eventId !== null) {
    const late = await confirmLate({ gateway: book.gateway }, verdict.signal, moment.now, never);
    if (late.verdict === "stale") return;
    if (job.signalId === null) await ports.verdicts.keep({ ...verdict, eventId: job.eventId });
  }
  await open(context, verdict);
}

async function open({ ports, moment, findings }: Context, verdict: Verdict): Promise<void> {
  const { answer, incidentId } = await ports.incidents.open(openRequest(verdict, ports.settings, moment.now));
  if (answer === "answered") return;
  const incident = await ports.incidents.load(incidentId);
  if (incident && answer !== "known") findings.contained(verdict, planOf(incident).budget);
  if (!countsForCascade(verdict)) return;
  const { agentId, id: signalId } = verdict.signal;
  await ports.dispatch.add("correlate", agentId, `cascade-${signalId}`, { agentId, signalId });
}
