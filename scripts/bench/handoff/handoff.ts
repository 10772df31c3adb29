import { after, until } from "../clock.ts";
import { startGateway } from "../gateway/gateway.ts";
import type { Told } from "../gateway/gateway-process.ts";
import type { LoadResult } from "../load/load.ts";
import type { ProbeResult } from "../load/load-process.ts";
import type { Mode } from "../mode.ts";
import { openPreparation } from "../preparation.ts";
import { atMost, type Measure, type Report } from "../report.ts";
import { portOf, type Stage } from "../stage.ts";
import { percentile, sortNumbers, summarize } from "../stats.ts";

/**
 * Q3: from the moment a webhook leaves its sender until the freeze it causes arrives at the gateway, which answers at once:
 * HTTP, intake, queue, incident and call together. Beside it, timed from the same sender, the least that a hand-off between two
 * processes through Redis can be: node:http, XADD, blocking read.
 */
/** Ten incidents a second: enough to time, not enough to be what is measured. */
const EVERY_MS = 100;
const LEAD_MS = 1_000;

interface Way {
  name: string;
  port: number;
  capsKnown: boolean;
  told(): Promise<Told>;
  /** Resolves when everything that was sent is worked off. */
  settle(): Promise<void>;
}

interface Round {
  p50: number;
  p99: number;
}

export async function benchHandoff(stage: Stage, mode: Mode): Promise<Report> {
  const gateway = await startGateway(stage, { latencyMs: 0 });
  const product = await stage.startProduct({
    gatewayUrl: gateway.url,
    workers: ["containment", "cascade", "forensics", "notification"],
    settings: "containment: { holdIntervalMs: 3600000 }",
  });
  const floorApi = await stage.start("handoff/floor-api-process.ts", stage.redisUrl);
  const floorReader = await stage.start("handoff/floor-reader-process.ts", stage.redisUrl);
  const [probes, background] = [await stage.start("load/load-process.ts"), await stage.start("load/load-process.ts")];
  const preparation = openPreparation(stage.redisUrl, gateway);

  const floor: Way = {
    name: "floor: stream, blocking read",
    port: portOf(floorApi),
    capsKnown: false,
    told: () => floorReader.ask<Told>("what arrived?"),
    settle: async () => undefined,
  };
  const known: Way = {
    name: "tourniquet, cap known",
    port: product.apiPort,
    capsKnown: true,
    told: gateway.told,
    settle: () => preparation.settle(),
  };
  const unknown: Way = { ...known, name: "tourniquet, cap read first", capsKnown: false };

  const time = async (way: Way, perSecond: number, count: number): Promise<Round> => {
    const agentIds = await preparation.agents(count, way.capsKnown);
    await way.told();
    const lengthMs = LEAD_MS + count * EVERY_MS * 1.2;
    const load = { order: "paced", port: way.port, connections: 50, perSecond, lengthMs };
    const probe = { order: "probes", port: way.port, agentIds, everyMs: EVERY_MS };
    const [loaded, sent] = await Promise.all([
      perSecond > 0 ? background.ask<LoadResult>(load) : null,
      after(perSecond > 0 ? LEAD_MS : 0).then(() => probes.ask<ProbeResult>(probe)),
    ]);
    if (sent.refused > 0 || Object.keys(loaded?.statuses ?? {}).some((status) => status !== "202"))
      throw new Error(`${way.name}: ${sent.refused} probes refused, load ${JSON.stringify(loaded?.statuses)}`);
    const round = summarizeRound(sent, await allArrivals(way, agentIds));
    await way.settle();
    return round;
  };

  for (const way of [floor, known]) await time(way, mode.backgroundPerSecond, Math.ceil(mode.probes / 5));
  const cases = [
    { way: floor, perSecond: 0 },
    { way: known, perSecond: 0 },
    { way: floor, perSecond: mode.backgroundPerSecond },
    { way: known, perSecond: mode.backgroundPerSecond },
    { way: unknown, perSecond: mode.backgroundPerSecond },
  ];
  const rounds = cases.map((): Round[] => []);
  for (let round = 0; round < mode.rounds; round += 1) {
    for (const [index, { way, perSecond }] of cases.entries())
      rounds[index]!.push(await time(way, perSecond, mode.probes));
  }
  await preparation.close();
  const measures = cases.flatMap(({ way, perSecond }, index) => measuresOf(way.name, perSecond, rounds[index]!));
  return { ...report(rounds, mode), measures };
}

/** The first arrival of each agent; throws if a freeze never came. */
async function allArrivals(way: Way, agentIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const first = new Map<string, number>();
  await until(async () => {
    for (const [agentId, atMs] of (await way.told()).arrivals) if (!first.has(agentId)) first.set(agentId, atMs);
    return agentIds.every((agentId) => first.has(agentId));
  }, `${agentIds.length} hand-offs of ${way.name}`);
  return first;
}

function summarizeRound({ sent }: ProbeResult, arrivals: ReadonlyMap<string, number>): Round {
  const sorted = sortNumbers(sent.map(([agentId, atMs]) => arrivals.get(agentId)! - atMs));
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) };
}

function measuresOf(name: string, perSecond: number, rounds: readonly Round[]): Measure[] {
  const under = perSecond > 0 ? `${perSecond} events/s` : "idle";
  return [
    { what: `${name}, ${under}, p50`, unit: "ms", summary: summarize(rounds.map(({ p50 }) => p50)) },
    { what: `${name}, ${under}, p99`, unit: "ms", summary: summarize(rounds.map(({ p99 }) => p99)) },
  ];
}

function report(rounds: readonly (readonly Round[])[], mode: Mode): Omit<Report, "measures"> {
  const [, , floor, known] = rounds.map((of) => ({
    p50: summarize(of.map(({ p50 }) => p50)).median,
    p99: summarize(of.map(({ p99 }) => p99)).median,
  }));
  const under = `at ${mode.backgroundPerSecond} events/s`;
  return {
    benchmark: "hand-off: webhook leaves its sender until the freeze arrives at the gateway, appendfsync always",
    standings: [
      atMost("Q3", `p50 ${under}, ms`, known!.p50, 5),
      atMost("Q3", `p99 ${under}, ms`, known!.p99, 25),
      atMost("Q3", `p50 ${under} over the floor's p50`, known!.p50 / floor!.p50, 8),
    ],
    checks: ["every webhook was answered 202, every agent was frozen, every event got its disposition"],
  };
}
