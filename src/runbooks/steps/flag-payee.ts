import { randomUUID } from "node:crypto";
import { TourniquetError } from "../../errors.ts";
import type { ActionKey } from "../../incident/gateway.ts";
import type { Step, StepContext } from "../runbook.ts";
import { suspectPayees } from "../suspect-payees.ts";

const LEASE_MARGIN_MS = 1_000;
/** The seeds' own name for it. The real gateway knows 23 names and not this one; it refuses, and that is recorded. */
export const FLAG_METRIC = "escrow_exploitation_flag";

/**
 * appends: the suspect payee goes on our watch list, always; and the gateway is asked, once, to carry a flag among its
 * metrics. Whatever it answers, containment does not wait for it: a flag stops nobody. Stand-down takes both back.
 */
export const flagPayee: Step = {
  name: "flag-payee",
  effect: "appends",
  urgent: false,
  async run(context) {
    const payees: Record<string, unknown>[] = [];
    for (const payee of suspectPayees(context.signals)) {
      const { suspectedBefore } = await watch(context, payee);
      payees.push({ payee, watched: true, suspectedBefore, metrics: await submit(context, payee) });
    }
    return { payees };
  },
};

/** Twice is once. Answers how many other incidents suspect the same payee. */
async function watch({ ports, incident, signals }: StepContext, payee: string): Promise<{ suspectedBefore: number }> {
  const why = signals.find(({ suspectPayee }) => suspectPayee === payee)?.why.sentence ?? "";
  const mark = { incidentId: incident.id, what: "suspected", why, at: await ports.clock.now() };
  if (!(await ports.marks.leave("payee", payee, mark)))
    throw new TourniquetError("step-failed", "the incident is over or being stood down; nobody is flagged any more");
  const others = (await ports.marks.on("payee", payee)).filter((other) => other.incidentId !== incident.id);
  return { suspectedBefore: others.length };
}

/** One request, ever: a second could write a second record (greenhelix.md 1.3). */
async function submit({ ports, incident, abort }: StepContext, payee: string): Promise<string> {
  const { agentId, id } = incident;
  const action = `flag:${id}:${payee}` as ActionKey;
  const leaseMs = ports.limits.deadlineMs + LEASE_MARGIN_MS;
  const claim = await ports.actions.claim(agentId, action, randomUUID(), leaseMs, 0, id);
  if (claim.answer === "done") return String(claim.result.metrics);
  if (claim.answer !== "go") return "asked before, and not heard what came of it";
  const outcome = await ports.gateway.submitMetrics(payee, { [FLAG_METRIC]: 1 }, action, {
    deadlineMs: ports.limits.deadlineMs,
    signal: abort,
  });
  const metrics = outcome.outcome === "done" ? "submitted" : `${outcome.outcome}: ${outcome.error.message}`;
  await ports.actions.finish(agentId, action, claim.fence, "done", { metrics });
  return metrics;
}
