import { contain } from "../../src/contain/contain.ts";
import type { ContainPorts } from "../../src/contain/ports.ts";
import type { BudgetCaps, Gateway } from "../../src/incident/gateway.ts";
import { money } from "../../src/incident/money.ts";
import type { KeptRecovery } from "../../src/incident/recovery.ts";
import type { RecoverPorts } from "../../src/recover/ports.ts";
import { runawaySpending } from "../../src/runbooks/runaway-spending.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { readSettings, type Settings } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
import type { Stores } from "../redis/open-stores.ts";
import { stepPorts } from "../runbooks/step-ports.ts";

/** A gateway in memory, of one agent: every write lands at once and is counted. */
export interface ModelGateway {
  gateway: Gateway;
  caps: BudgetCaps;
  /** Caps that were written, oldest first; the daily one. */
  written: string[];
}

export const capsBefore: BudgetCaps = {
  dailyCap: money("500.00"),
  monthlyCap: money("15000.00"),
  alertThreshold: 0.7,
};

export function modelGateway(): ModelGateway {
  const model: ModelGateway = {
    caps: capsBefore,
    written: [],
    gateway: {
      dialect: "rest",
      readBudget: async (agentId: string) => ({ agentId, ...model.caps, utilizationPct: 0 }),
      async setBudget(_agentId: string, caps: BudgetCaps) {
        model.caps = caps;
        model.written.push(String(caps.dailyCap));
        return { outcome: "done", value: caps };
      },
      setWalletFrozen: async (_agentId: string, frozen: boolean) => ({ outcome: "done", value: { frozen } }),
      // biome-ignore lint/correctness/useYield: this agent has no escrows
      async *listEscrows() {
        return;
      },
      listTransactions: async () => [],
      readBalance: async () => ({ balance: money("1000.00") }),
      readIdentity: async (agentId: string) => ({ agentId, publicKey: undefined, createdAt: undefined, raw: {} }),
      verifyAgent: async () => ({ verdict: "unknown", reason: "no key is pinned" }),
      readReputation: async () => ({ score: undefined, raw: {} }),
      submitMetrics: async () => ({ outcome: "done", value: {} }),
      rateService: async () => ({ outcome: "done", value: {} }),
      publishEvent: async () => ({ outcome: "done", value: { eventId: "1" } }),
    } as unknown as Gateway,
  };
  return model;
}

export type ModelPorts = RecoverPorts & ContainPorts & { dispatch: ReturnType<typeof stepPorts>["dispatch"] };

export function modelPorts(
  stores: Stores,
  gateway: Gateway,
  settings: Settings = readSettings(undefined, {}),
): ModelPorts {
  const { containment } = settings;
  return {
    ...stores,
    ...stepPorts(stores, gateway, settings),
    verdicts: stores.verdicts,
    containment,
    settings,
    ordered: { gateway, agentControl: null },
  };
}

/** New trouble of this agent, frozen as the containment worker does it; the incident that it opened or joined. */
export async function trouble(ports: ModelPorts, agentId: string, abort: AbortSignal): Promise<string> {
  const { incidentId } = await ports.incidents.open(openRequest({ agentId }));
  const incident = (await ports.incidents.load(incidentId))!;
  const urgent = runawaySpending.steps.filter((step) => step.urgent);
  const { failed } = await runSteps({ ports, incident, signals: [], abort }, urgent);
  if (failed.length > 0) throw new Error(`not frozen: ${failed}`);
  return incidentId;
}

/** Contained in earnest: read back, and nothing left to do. */
export async function containedTrouble(ports: ModelPorts, agentId: string, abort: AbortSignal): Promise<string> {
  const incidentId = await trouble(ports, agentId, abort);
  await contain(ports, { incidentId }, abort);
  return incidentId;
}

/** Sets what is kept of a recovery as if it had come so far. */
export async function setRecovery(ports: ModelPorts, id: string, change: Partial<KeptRecovery>): Promise<void> {
  const recovery = (await ports.recoveries.load(id))!;
  await ports.recoveries.change(id, recovery, { ...recovery, ...change }, null);
}
