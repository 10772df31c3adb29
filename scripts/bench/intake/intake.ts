import type { Child } from "../child.ts";
import { cpuMs } from "../cpu.ts";
import type { LoadResult } from "../load/load.ts";
import type { LoadOrder } from "../load/load-process.ts";
import type { Mode } from "../mode.ts";
import { atLeast, atMost, type Measure, type Report } from "../report.ts";
import { portOf, type Stage } from "../stage.ts";
import { summarize } from "../stats.ts";
import { openInboxCheck } from "./inbox-check.ts";

/**
 * Q1 and Q2: how many signed webhooks a second one API process takes, each one validated, deduplicated, stored and queued
 * with every write on disk, beside servers that only read the body and answer 202. No worker runs: what is measured is the
 * intake. After every round what the inbox counts must be what was answered 202.
 */
const CONNECTIONS = 50;
const limits = ["stock-express", "tuned-express", "node-http"] as const;
const variants = ["tourniquet", ...limits] as const;
type Variant = (typeof variants)[number];

interface Round {
  load: LoadResult;
  cpuUsPerRequest: number | null;
  redisUsPerRequest: number | null;
}

export async function benchIntake(stage: Stage, mode: Mode): Promise<Report> {
  const servers = await startServers(stage);
  const load = await stage.start("load/load-process.ts");
  const inbox = openInboxCheck(stage.redisUrl);
  const run = async (variant: Variant, order: Omitted): Promise<Round> => {
    const server = servers[variant];
    await inbox.empty();
    const before = [cpuMs(server.pid), cpuMs(stage.redisPid)] as const;
    const result = await load.ask<LoadResult>({ ...order, port: portOf(server), connections: CONNECTIONS });
    const perRequest = (from: number | null, to: number | null) =>
      from === null || to === null ? null : ((to - from) * 1_000) / result.accepted;
    const round = {
      load: result,
      cpuUsPerRequest: perRequest(before[0], cpuMs(server.pid)),
      redisUsPerRequest: perRequest(before[1], cpuMs(stage.redisPid)),
    };
    if (variant === "tourniquet") await inbox.mustHold(result);
    return round;
  };

  const flatOut = (variant: Variant, lengthMs: number) =>
    run(variant, { order: "flat-out", lengthMs, unique: variant === "tourniquet" });
  for (const variant of variants) await flatOut(variant, mode.warmUpMs);
  const full = await alternating(variants, mode.rounds, (variant) => flatOut(variant, mode.roundMs));
  const half = median(full.get("tourniquet")!, ({ load: { perSecond } }) => perSecond) / 2;
  const calm = await alternating(["tourniquet", "tuned-express", "node-http"] as const, mode.rounds, (variant) =>
    run(variant, { order: "paced", lengthMs: mode.roundMs, perSecond: half }),
  );
  await inbox.close();
  return report(full, calm, half, inbox.seen());
}

type Omitted = LoadOrder extends infer Order
  ? Order extends { order: "flat-out" | "paced" }
    ? Omit<Order, "port" | "connections">
    : never
  : never;

async function startServers(stage: Stage): Promise<Record<Variant, Child>> {
  const product = stage.startProduct({ gatewayUrl: "http://127.0.0.1:9", workers: [] });
  const bare = limits.map((name) => stage.start("intake/limit-process.ts", name));
  const [{ api }, stock, tuned, node] = await Promise.all([product, ...bare]);
  return { tourniquet: api, "stock-express": stock!, "tuned-express": tuned!, "node-http": node! };
}

/** A B C, then C B A: what drifts with time meets all of them alike. */
async function alternating<Name extends string>(
  names: readonly Name[],
  rounds: number,
  run: (name: Name) => Promise<Round>,
): Promise<Map<Name, Round[]>> {
  const done = new Map<Name, Round[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) done.get(name)!.push(await run(name));
  }
  return done;
}

const median = (rounds: readonly Round[], value: (round: Round) => number) => summarize(rounds.map(value)).median;

function report(
  full: ReadonlyMap<Variant, readonly Round[]>,
  calm: ReadonlyMap<Variant, readonly Round[]>,
  half: number,
  checks: string[],
): Report {
  const rate = (variant: Variant) => median(full.get(variant)!, ({ load }) => load.perSecond);
  const p99 = (variant: Variant) => median(calm.get(variant)!, ({ load }) => load.p99Ms);
  const over = (limit: Variant) => rate("tourniquet") / rate(limit);
  return {
    benchmark: `intake: accepted webhooks, ${CONNECTIONS} connections, one server process each, appendfsync always`,
    measures: [
      ...[...full].flatMap(([variant, rounds]) => fullMeasures(variant, rounds)),
      ...[...calm].flatMap(([variant, rounds]) => calmMeasures(variant, rounds, Math.round(half))),
    ],
    standings: [
      atLeast("Q1", "accepted webhooks/s over stock Express 5 that answers 202", over("stock-express"), 1.3),
      atMost(
        "Q2",
        "p99 at half that load over bare node:http at the same rate",
        p99("tourniquet") / p99("node-http"),
        3,
      ),
    ],
    checks: [
      ...checks,
      `beside it: ${over("tuned-express").toFixed(2)} of tuned Express, ${over("node-http").toFixed(2)} of node:http, p99 ${(p99("tourniquet") / p99("tuned-express")).toFixed(2)} x tuned Express`,
    ],
  };
}

function fullMeasures(variant: Variant, rounds: readonly Round[]): Measure[] {
  const cpu = rounds.map(({ cpuUsPerRequest }) => cpuUsPerRequest).filter((value) => value !== null);
  const redis = rounds.map(({ redisUsPerRequest }) => redisUsPerRequest).filter((value) => value !== null);
  return [
    { what: `${variant}, flat out`, unit: "per s", summary: summarize(rounds.map(({ load }) => load.perSecond)) },
    { what: `${variant}, flat out, p99`, unit: "ms", summary: summarize(rounds.map(({ load }) => load.p99Ms)) },
    ...(cpu.length > 0 ? [{ what: `${variant}, CPU a request`, unit: "us" as const, summary: summarize(cpu) }] : []),
    ...(variant === "tourniquet" && redis.length > 0
      ? [{ what: "Redis, CPU a request", unit: "us" as const, summary: summarize(redis) }]
      : []),
  ];
}

function calmMeasures(variant: Variant, rounds: readonly Round[], half: number): Measure[] {
  return [
    { what: `${variant}, ${half}/s, p50`, unit: "ms", summary: summarize(rounds.map(({ load }) => load.p50Ms)) },
    { what: `${variant}, ${half}/s, p99`, unit: "ms", summary: summarize(rounds.map(({ load }) => load.p99Ms)) },
  ];
}
