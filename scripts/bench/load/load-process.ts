import { monotonicMs } from "../clock.ts";
import { escrowEvents, exhaustedBudget } from "../events.ts";
import { Connection } from "./connection.ts";
import { flatOut, type LoadResult, paced } from "./load.ts";

/** A generator of load in a process of its own. */
export type LoadOrder =
  /** unique: every request once, and no more than these; otherwise the same few thousand over and over. */
  | { order: "flat-out"; port: number; connections: number; lengthMs: number; unique: boolean }
  | { order: "paced"; port: number; connections: number; lengthMs: number; perSecond: number }
  /** One exhausted budget per agent, everyMs apart with jitter, each on a connection that is free. */
  | { order: "probes"; port: number; agentIds: readonly string[]; everyMs: number };

export interface ProbeResult {
  /** Agent and when its webhook left, on the machine's monotonic clock. */
  sent: readonly (readonly [agentId: string, atMs: number])[];
  refused: number;
}

/** More than any server here takes; building one costs microseconds. */
const MOST_PER_SECOND = 25_000;
const REPEATED = 5_000;

async function obey(order: LoadOrder): Promise<LoadResult | ProbeResult> {
  if (order.order === "probes") return probe(order);
  const connections = Array.from({ length: order.connections }, () => new Connection(order.port));
  try {
    if (order.order === "paced") {
      const requests = escrowEvents(Math.ceil((order.perSecond * order.lengthMs) / 1000));
      return await paced(connections, () => requests.pop(), order.perSecond, order.lengthMs);
    }
    const requests = escrowEvents(order.unique ? Math.ceil((MOST_PER_SECOND * order.lengthMs) / 1000) : REPEATED);
    let index = 0;
    const next = order.unique ? () => requests.pop() : () => requests[index++ % REPEATED];
    return await flatOut(connections, next, order.lengthMs);
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function probe({ port, agentIds, everyMs }: LoadOrder & { order: "probes" }): Promise<ProbeResult> {
  const free = Array.from({ length: 64 }, () => new Connection(port));
  const all = [...free];
  const sent: [string, number][] = [];
  const requests = agentIds.map((agentId) => [agentId, exhaustedBudget(agentId)] as const);
  let refused = 0;
  const answers: Promise<void>[] = [];
  for (const [agentId, request] of requests) {
    await new Promise((resolve) => setTimeout(resolve, everyMs * (0.5 + Math.random())));
    const connection = free.shift();
    if (!connection) throw new Error("64 probes are without an answer");
    sent.push([agentId, monotonicMs()]);
    const { promise, resolve } = Promise.withResolvers<void>();
    answers.push(promise);
    connection.send(request, (status) => {
      refused += Number(status !== 202);
      free.push(connection);
      resolve();
    });
  }
  await Promise.all(answers);
  for (const connection of all) connection.close();
  return { sent, refused };
}

process.on("message", (order: LoadOrder) => {
  obey(order).then(
    (result) => process.send?.(result),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true });
