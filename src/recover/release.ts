import { TourniquetError } from "../errors.ts";
import { type AgentControl, isStranger, type Rein, type Reins, setRein } from "../incident/agent-control.ts";
import type { ActionKey, Gateway, Outcome } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import type { Mark, Marks } from "../incident/marks.ts";
import type { Incidents } from "../incident/ports.ts";
import { type Ask, asks, belongs, isAsk } from "../incident/reins.ts";
import { toldCall } from "../incident/told-call.ts";
import type { GatewaySettings } from "../settings/settings.ts";

export interface ReleasePorts {
  marks: Marks;
  agentControl: AgentControl | null;
  gateway: Pick<Gateway, "submitMetrics">;
  incidents: Pick<Incidents, "note" | "receipts" | "tell">;
  limits: GatewaySettings;
}

/** Rounds in which another incident changed what is asked while our word was on its way. */
const ROUNDS = 5;

/**
 * Takes back what this incident asked of agents (C7, C8): each rein goes where the other incidents and the time before want it.
 * Only what it asked itself; rotated credentials stay so. The incident can ask no more by now (redis/marks.ts). Throws where
 * the platform has not done it: the queue tries again, and goes on where it stopped.
 */
export async function releaseAgents(ports: ReleasePorts, incident: Incident, abort: AbortSignal): Promise<void> {
  const released: string[] = [];
  for (const { whom, what } of await ports.marks.leftBy(incident.id, "agent")) {
    const mine = (await ports.marks.on("agent", whom)).find(
      (mark) => mark.incidentId === incident.id && mark.what === what,
    );
    if (mine) {
      await ports.marks.withdraw("agent", whom, mine);
      if (isAsk(what)) released.push(`${whom}: ${await release(ports, incident, whom, what, abort)}`);
    }
    await ports.marks.forget("agent", whom, { incidentId: incident.id, what });
  }
  if (released.length > 0) await ports.incidents.note(incident.id, "recover", "agents-released", { released });
}

/** Answers where the rein is now, in words. */
async function release(
  ports: ReleasePorts,
  incident: Incident,
  agentId: string,
  ask: Ask,
  abort: AbortSignal,
): Promise<string> {
  const { rein } = asks[ask];
  const wanted = async () => belongs(await ports.marks.on("agent", agentId))[rein];
  let to = await wanted();
  const { agentControl } = ports;
  if (!agentControl) return `${rein} is for a person to put back, no agent control is configured`;
  for (let round = 0; round < ROUNDS; round += 1) {
    const value = to;
    const outcome = await toldCall(ports.incidents, incident.id, `release:${rein}:${agentId}`, () =>
      put(agentControl, agentId, rein, value, abort),
    );
    if (!isPut(agentId, outcome)) return "agent control does not run it";
    const now = await wanted();
    if (now === to) break;
    to = now;
  }
  return `${rein} ${to}`;
}

function put(
  control: AgentControl,
  agentId: string,
  rein: Rein,
  value: Reins[Rein],
  abort: AbortSignal,
): Promise<Outcome<Partial<Reins>>> {
  return setRein(control, agentId, rein, { [rein]: value } as unknown as Reins, { signal: abort });
}

/** False where the platform does not run this agent. */
function isPut(agentId: string, outcome: Outcome<unknown>): boolean {
  if (outcome.outcome === "done") return true;
  if (outcome.outcome === "not-done" && isStranger(outcome.error)) return false;
  throw new TourniquetError("step-failed", `${agentId} is still held back: ${outcome.error.message}`);
}

/** The same for suspect payees (RB2): off the watch list, and the gateway's flag too where it took one. */
export async function releasePayees(ports: ReleasePorts, incident: Incident, abort: AbortSignal): Promise<void> {
  const marked = await ports.marks.leftBy(incident.id, "payee");
  if (marked.length === 0) return;
  const receipt = (await ports.incidents.receipts(incident.id)).get("flag-payee")?.result.payees;
  const flagged = Array.isArray(receipt) ? (receipt as { payee?: string; metrics?: string }[]) : [];
  for (const { whom, what } of marked) {
    const metrics = flagged.find(({ payee }) => payee === whom)?.metrics;
    if (metrics !== undefined && !metrics.startsWith("not-done")) await unflag(ports, incident, whom, abort);
    await ports.marks.forget("payee", whom, { incidentId: incident.id, what } satisfies Pick<
      Mark,
      "incidentId" | "what"
    >);
  }
}

/** Once, and whatever it answers is noted: a flag holds nothing back. */
async function unflag(
  { gateway, incidents, limits }: ReleasePorts,
  incident: Incident,
  payee: string,
  abort: AbortSignal,
) {
  const action = `unflag:${incident.id}:${payee}` as ActionKey;
  const options = { deadlineMs: limits.deadlineMs, signal: abort };
  const { outcome } = await toldCall(incidents, incident.id, action, () =>
    gateway.submitMetrics(payee, { escrow_exploitation_flag: 0 }, action, options),
  );
  await incidents.note(incident.id, "recover", "payee-unflagged", { payee, outcome });
}
