import { until, wallMs } from "../clock.ts";
import { exhaustedBudget } from "../events.ts";
import type { Effect, GatewayDouble } from "../gateway/gateway.ts";
import { Connection } from "../load/connection.ts";
import type { Preparation } from "../preparation.ts";

/** Times after the webhook left its sender, by the gateway's own record of what took effect; whole milliseconds, rounded up. */
export interface Contained {
  agentId: string;
  freezeMs: number;
  /** NaN without escrows. */
  lastCancelMs: number;
  /** From the webhook's arrival to "contained", which is said after reading back. */
  containedMs: number;
  refunded: number;
}

export interface Scene {
  /** One webhook per agent, all at once; resolves when every agent is contained. */
  contain(agentIds: readonly string[]): Promise<readonly Contained[]>;
  send(webhook: Buffer): Promise<number>;
  close(): void;
}

export function openScene(port: number, gateway: GatewayDouble, preparation: Preparation): Scene {
  const free: Connection[] = [];
  const all: Connection[] = [];
  const send = (webhook: Buffer) =>
    new Promise<number>((resolve) => {
      const connection = free.pop() ?? new Connection(port);
      if (!all.includes(connection)) all.push(connection);
      connection.send(webhook, (status) => {
        free.push(connection);
        resolve(status);
      });
    });
  const containOne = async (agentId: string): Promise<Contained> => {
    const webhook = exhaustedBudget(agentId);
    const sentAt = wallMs();
    if ((await send(webhook)) !== 202) throw new Error(`the webhook for ${agentId} was refused`);
    const incident = await until(
      async () => {
        const found = await preparation.incidentOf(agentId);
        return found?.status === "contained" && found;
      },
      `${agentId} to be contained`,
      { withinMs: 60_000, everyMs: 50 },
    );
    const effects = await gateway.effects(agentId);
    return { agentId, ...timesOf(effects, sentAt), containedMs: await preparation.containedMs(incident.id) };
  };
  return {
    contain: (agentIds) => Promise.all(agentIds.map(containOne)),
    send,
    close() {
      for (const connection of all) connection.close();
    },
  };
}

function timesOf(effects: readonly Effect[], sentAt: number): Omit<Contained, "agentId" | "containedMs"> {
  const after = ({ atMs }: Effect) => Math.ceil(atMs + 1 - sentAt);
  const frozen = effects.find(({ effect, caps }) => effect === "budget.set" && caps?.daily === "0.00");
  const refunds = effects.filter(({ effect }) => effect === "escrow.refunded").map(after);
  if (!frozen) throw new Error("contained without a freeze at the gateway");
  return {
    freezeMs: after(frozen),
    lastCancelMs: refunds.length > 0 ? Math.max(...refunds) : Number.NaN,
    refunded: refunds.length,
  };
}
