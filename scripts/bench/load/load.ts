import { percentile, sortNumbers } from "../stats.ts";
import type { Connection } from "./connection.ts";

export interface LoadResult {
  elapsedMs: number;
  /** Status to count; 0 is a connection that broke. */
  statuses: Record<string, number>;
  accepted: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Every connection sends as soon as it has its answer, until the time is over or the requests are. */
export async function flatOut(
  connections: readonly Connection[],
  next: () => Buffer | undefined,
  lengthMs: number,
): Promise<LoadResult> {
  const tally = createTally();
  const startedAt = performance.now();
  const end = startedAt + lengthMs;
  const drive = (connection: Connection) =>
    new Promise<void>((done) => {
      const again = () => {
        const request = performance.now() < end ? next() : undefined;
        if (request === undefined) return done();
        const sentAt = performance.now();
        connection.send(request, (status) => {
          tally.count(status, performance.now() - sentAt);
          again();
        });
      };
      again();
    });
  await Promise.all(connections.map(drive));
  return tally.result(performance.now() - startedAt);
}

/**
 * So many a second, whether they are answered or not: what finds no free connection waits for one, and its wait counts
 * (no coordinated omission).
 */
export async function paced(
  connections: readonly Connection[],
  next: () => Buffer | undefined,
  perSecond: number,
  lengthMs: number,
): Promise<LoadResult> {
  const tally = createTally();
  const free = [...connections];
  const waiting: { request: Buffer; dueAt: number }[] = [];
  const startedAt = performance.now();
  let made = 0;
  const total = Math.floor((perSecond * lengthMs) / 1000);
  return new Promise((resolve) => {
    const pump = () => {
      while (free.length > 0 && waiting.length > 0) send(free.pop()!, waiting.shift()!);
      if (made === total && waiting.length === 0 && free.length === connections.length)
        resolve(tally.result(performance.now() - startedAt));
    };
    const send = (connection: Connection, { request, dueAt }: { request: Buffer; dueAt: number }) =>
      connection.send(request, (status) => {
        tally.count(status, performance.now() - dueAt);
        free.push(connection);
        pump();
      });
    const tick = () => {
      const now = performance.now();
      const due = Math.min(total, Math.ceil(((now - startedAt) * perSecond) / 1000));
      for (; made < due; made += 1) {
        const request = next();
        if (request === undefined) throw new Error("the generator made too few requests");
        waiting.push({ request, dueAt: now });
      }
      pump();
      if (made < total) setTimeout(tick, 1);
    };
    tick();
  });
}

function createTally() {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  return {
    count(status: number, latencyMs: number) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies.push(latencyMs);
    },
    result(elapsedMs: number): LoadResult {
      const sorted = sortNumbers(latencies);
      const accepted = statuses[202] ?? 0;
      return {
        elapsedMs,
        statuses,
        accepted,
        perSecond: (accepted * 1000) / elapsedMs,
        p50Ms: percentile(sorted, 50),
        p99Ms: percentile(sorted, 99),
      };
    },
  };
}
