import type { CascadePorts } from "../../../src/detect/cascade.ts";
import { viewCascade } from "../../../src/incident/cascade-view.ts";
import type { Signal, Tier } from "../../../src/incident/signal.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { aSignal } from "../../redis/open-request.ts";
import type { Stores } from "../../redis/open-stores.ts";
import { recordedDispatch, silent } from "../../runbooks/step-ports.ts";

/** Agents a, b, c share the wallet ops; d and e are their own. */
export const fleetOfFive = `fleet: { agents: [
  { id: a, wallet: ops }, { id: b, wallet: ops, prompt: buyer, tools: [web] }, { id: c, wallet: ops },
  { id: d, prompt: buyer, tools: [web] }, { id: e, tools: [web] }] }`;

export type RecordedPorts = CascadePorts & { dispatch: ReturnType<typeof recordedDispatch> };

/** Real stores; what is handed over is recorded and not worked. */
export function cascadePorts(stores: Stores, settings = fleetOfFive): RecordedPorts {
  return { ...stores, dispatch: recordedDispatch(), settings: readSettings(settings, {}), log: silent };
}

/** Keeps what policy would have said of such a signal; answers the job that follows. */
export async function decided(stores: Stores, given: Partial<Signal>, tier?: Tier) {
  const signal = aSignal({ suspectPayee: null, ...given });
  const usual = signal.severity === "critical" ? "auto-contain" : "alert-human";
  await stores.verdicts.keep({ signal, tier: tier ?? usual, decidedBy: "default policy" });
  return { agentId: signal.agentId, signalId: signal.id };
}

/** Signals as detection concludes them, on a made-up line of time; z and outflow as the rules say them. */
export const critical = (agentId: string, at: number, observed: Signal["why"]["observed"] = {}): Partial<Signal> =>
  withObserved({ agentId, occurredAt: at }, observed);
export const warning = (agentId: string, at: number, observed: Signal["why"]["observed"] = {}): Partial<Signal> =>
  withObserved({ agentId, occurredAt: at, severity: "warning", kind: "cost-anomaly" }, observed);

function withObserved(given: Partial<Signal>, observed: Signal["why"]["observed"]): Partial<Signal> {
  return { ...given, why: { ...aSignal().why, observed } };
}

/** Who was handed to containment, each once. */
export const frozen = ({ dispatch }: RecordedPorts): string[] =>
  dispatch.added
    .filter(({ queue }) => queue === "freeze")
    .map(({ data }) => (data as { agentId: string }).agentId)
    .sort();

/** The cascades that are left, without what differs from run to run. */
export async function cascadesOf(stores: Stores) {
  const views = await Promise.all((await stores.cascades.list(50)).map((cascade) => viewCascade(stores, cascade)));
  return views.map(({ rootCause, members, edges, status }) => ({
    rootCause,
    status,
    members: members.map(({ agentId }) => agentId).sort(),
    edges: edges.map(({ from, to, why }) => `${from} ${to} ${why}`).sort(),
  }));
}
