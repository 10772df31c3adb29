import type { Priority, Status } from "../incident/incident.ts";
import {
  type EscrowSums,
  type Measured,
  type Measures,
  type SpanCounts,
  type SpanName,
  spans,
} from "../incident/measures.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import { keys } from "./keys.ts";

/** What measures.lua counted, added up over all partitions. */
export function createMeasures(redis: RedisConnection, partitions: number): Measures {
  return {
    async read() {
      const ofEach = Array.from({ length: partitions }, (_, partition) => redis.hgetall(keys.measures(partition)));
      const found = await Promise.all(ofEach).catch((error) => Promise.reject(redisError(error)));
      return toMeasured(found.reduce(addUp, new Map<string, bigint>()));
    },
  };
}

function addUp(sums: Map<string, bigint>, fields: Record<string, string>): Map<string, bigint> {
  for (const [name, count] of Object.entries(fields)) sums.set(name, (sums.get(name) ?? 0n) + BigInt(count));
  return sums;
}

function toMeasured(sums: ReadonlyMap<string, bigint>): Measured {
  const of = (field: string) => sums.get(field) ?? 0n;
  const incidents = [...sums].flatMap(([field, count]) => {
    const [kind, status, priority] = field.split(" ");
    return kind === "incidents"
      ? [{ status: status as Status, priority: priority as Priority, count: Number(count) }]
      : [];
  });
  const names = [...sums.keys()].flatMap((field) => (field.endsWith(" ms") ? [field.slice(0, -3)] : []));
  return {
    incidents,
    spans: names.map((name) => spanOf(name, (bound) => Number(of(`${name} ${bound}`)))),
    all: sumsOf((result) => of(`money ${result}`)),
    looks: { whole: Number(of("looks whole")), partial: Number(of("looks partial")) },
    open: sumsOf((result) => of(`money ${result}`) - of(`closed ${result}`)),
  };
}

function spanOf(name: string, count: (bound: string) => number): SpanCounts {
  const [span, source = ""] = name.split("/") as [SpanName, string?];
  return { span, source, counts: [...spans[span].map(String), "inf"].map(count), totalMs: count("ms") };
}

const sumsOf = (of: (result: keyof EscrowSums) => bigint): EscrowSums => ({
  held: of("held"),
  failed: of("failed"),
  recovered: of("recovered"),
  lost: of("lost"),
});
