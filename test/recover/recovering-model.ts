import { formatMoney } from "../../src/incident/money.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { recover } from "../../src/recover/recover.ts";
import type { Stores } from "../redis/open-stores.ts";
import { containedTrouble, type ModelGateway, type ModelPorts, modelGateway, modelPorts } from "./model.ts";
import { passTime, said } from "./recovering-world.ts";

/** A contained agent whose recovery was asked for, at a gateway in memory. */
export interface RecoveringModel {
  model: ModelGateway;
  ports: ModelPorts;
  id: string;
  /** One run of the recovery worker. */
  run(): Promise<string>;
  pass(ms: number): Promise<void>;
  /** The daily cap as the gateway has it. */
  daily(): string | null;
  pages(): string[];
}

export const agentId = "agent-7";
export const { signal: abort } = new AbortController();

export async function recoveringModel(stores: Stores): Promise<RecoveringModel> {
  await stores.redis.flushdb();
  const model = modelGateway();
  const ports = modelPorts(stores, model.gateway);
  const id = await containedTrouble(ports, agentId, abort);
  await askRecovery(ports, { incidentId: id, ...said });
  return {
    ...{ model, ports, id },
    run: async () => (await recover(ports, { incidentId: id }, abort)).answer,
    pass: (ms) => passTime(stores.redis, id, ms),
    daily: () => (model.caps.dailyCap === null ? null : formatMoney(model.caps.dailyCap)),
    pages: () => ports.dispatch.added.filter(({ queue }) => queue === "notification").map(({ jobId }) => jobId),
  };
}
