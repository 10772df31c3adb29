import { hash } from "node:crypto";
import { describeError, isTransient } from "../../errors.ts";
import { formatMoney, type Money } from "../../incident/money.ts";
import type { Step, StepContext } from "../runbook.ts";
import { suspectPayees } from "../suspect-payees.ts";

/** What usage is asked for: the last day, as the audit of a breach is (mission F1). */
const USAGE_MS = 24 * 3_600_000;

/**
 * reads: what somebody behind a compromise could change next is kept first, in the incident's evidence, beside the freeze and
 * never in its way. The receipt holds the digest, so that what is shown later can be checked. First one stays.
 */
function preserve(part: string, read: (context: StepContext) => Promise<unknown>): Step {
  return {
    name: `preserve-${part}`,
    effect: "reads",
    urgent: false,
    lane: "evidence",
    async run(context) {
      const { incidents, clock } = context.ports;
      const { id } = context.incident;
      const taken = { takenAt: await clock.now(), ...(await answer(context, read)) };
      await incidents.recordEvidence(id, part, JSON.parse(JSON.stringify(taken, moneyAsText)));
      const kept = JSON.stringify((await incidents.evidence(id))[part]);
      return { evidence: part, sha256: hash("sha256", kept), bytes: Buffer.byteLength(kept), ...unknownOf(kept) };
    },
  };
}

export const preserveIdentity = preserve("identity", ({ ports, incident, abort }) =>
  ports.gateway.readIdentity(incident.agentId, { deadlineMs: ports.limits.deadlineMs, signal: abort }),
);

export const preserveClaimChains = preserve("claim-chains", ({ ports, incident, abort }) =>
  ports.gateway.readClaimChains(incident.agentId, { deadlineMs: ports.limits.deadlineMs, signal: abort }),
);

export const preserveReputation = preserve("reputation", ({ ports, incident, abort }) =>
  ports.gateway.readReputation(incident.agentId, { deadlineMs: ports.limits.deadlineMs, signal: abort }),
);

export const preserveUsage = preserve("usage", ({ ports, incident, abort }) =>
  ports.gateway.readUsage(incident.agentId, incident.openedAt - USAGE_MS, {
    deadlineMs: ports.limits.deadlineMs,
    signal: abort,
  }),
);

/** RB2: what the gateway says of whoever the money went to. */
export const preservePayeeReputation = preserve("payee-reputation", async (context) => {
  const { ports, abort } = context;
  const options = { deadlineMs: ports.limits.deadlineMs, signal: abort };
  const payees = suspectPayees(context.signals);
  return Promise.all(
    payees.map(async (payee) => ({
      payee,
      ...(await answer(context, () => ports.gateway.readReputation(payee, options))),
    })),
  );
});

/** What no later attempt would learn either is a finding; anything else is for the queue to ask again. */
async function answer(context: StepContext, read: (context: StepContext) => Promise<unknown>) {
  try {
    return { known: await read(context) };
  } catch (error) {
    if (isTransient(error)) throw error;
    return { unknown: describeError(error).message };
  }
}

const moneyAsText = (_key: string, value: unknown) => (typeof value === "bigint" ? formatMoney(value as Money) : value);

function unknownOf(kept: string): { unknown?: string } {
  const { unknown } = JSON.parse(kept) as { unknown?: string };
  return unknown === undefined ? {} : { unknown };
}
