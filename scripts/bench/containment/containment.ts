import { startGateway } from "../gateway/gateway.ts";
import type { GatewayOptions } from "../gateway/gateway-process.ts";
import type { Mode } from "../mode.ts";
import { openPreparation } from "../preparation.ts";
import { atMost, type Measure, type Report, type Standing } from "../report.ts";
import type { Stage } from "../stage.ts";
import { summarize } from "../stats.ts";
import { freezeDuringCancels, one, type Setting, several, type TenTimes, tenTimes } from "./cases.ts";
import { openScene } from "./scene.ts";

/**
 * Q4, Q5, Q7, Q10: how long until the money is safe, at a gateway that takes latencyMs for every call, from the webhook
 * leaving its sender until the gateway's own record shows the effect. API and workers are processes of their own.
 */
const WORKERS = ["containment", "cascade", "forensics", "notification"] as const;
/** What Q3 allows the way to the gateway at p99. */
const HANDOFF_MS = 25;

/** Rounds of one quantity, by what the table calls it. */
type Rounds = Map<string, number[]>;

export async function benchContainment(stage: Stage, mode: Mode): Promise<Report> {
  const rounds: Rounds = new Map();
  const note = (what: string, value: number) => rounds.set(what, [...(rounds.get(what) ?? []), value]);
  const gatewayOptions = { latencyMs: mode.latencyMs };
  const checks: string[] = [];
  for (const [index, concurrency] of mode.concurrencies.entries()) {
    await withSet(stage, gatewayOptions, `concurrency: ${concurrency}`, async (set) => {
      await one(set); // connections, code paths
      for (let round = 0; round < mode.rounds; round += 1) {
        note(ROUND_TRIP, await set.gateway.roundTrip());
        if (index === 0) await standardRound(set, mode, note);
        await cancelRound(set, mode.escrows.at(-1)!, concurrency, note);
      }
      if (index === 0) checks.push(sayTenTimes(await tenTimes(set, 5), note));
    });
  }
  const limited = await limitedRun(stage, mode, note);
  checks.push(limited);
  return report(rounds, mode, checks);
}

type Note = (what: string, value: number) => void;
const ROUND_TRIP = "one round trip to the gateway";
const KNOWN = "freeze effective, cap known";
const UNKNOWN = "freeze effective, cap read first";
const lastCancel = (escrows: number, concurrency: number) => `last of ${escrows} cancelled, ${concurrency} at once`;
const contained = (escrows: number, concurrency: number) => `contained, ${escrows} escrows, ${concurrency} at once`;
const DURING = "freeze effective, while another agent's escrows are cancelled";
const cascadeOf = (agents: number) => `last of ${agents} agents frozen, 5 escrows each`;
const CASCADE_ONE = "one agent frozen, 5 escrows";
const limitedOf = ({ escrows, perSecond }: Mode["limited"]) => `last of ${escrows} cancelled, ${perSecond} calls/s`;
const SHARE_429 = "429 among the calls, rate-limited";
const EXTRA_WRITES = "writes too many, one webhook ten times at once";
const CALLS_AFTER = "gateway calls, ten times more after the end";

async function standardRound(set: Setting, mode: Mode, note: Note): Promise<void> {
  note(KNOWN, (await one(set)).freezeMs);
  note(UNKNOWN, (await one(set, { capsKnown: false })).freezeMs);
  for (const escrows of mode.escrows.slice(0, -1)) await cancelRound(set, escrows, mode.concurrencies[0]!, note);
  note(CASCADE_ONE, (await one(set, { escrows: 5 })).freezeMs);
  const cascade = await several(set, { agents: mode.cascade, escrows: 5 });
  note(cascadeOf(mode.cascade), Math.max(...cascade.map(({ freezeMs }) => freezeMs)));
  note(DURING, (await freezeDuringCancels(set, mode.escrows.at(-1)!, mode.latencyMs)).freezeMs);
}

async function cancelRound(set: Setting, escrows: number, concurrency: number, note: Note): Promise<void> {
  const result = await one(set, { escrows });
  note(lastCancel(escrows, concurrency), result.lastCancelMs);
  note(contained(escrows, concurrency), result.containedMs);
}

async function limitedRun(stage: Stage, mode: Mode, note: Note): Promise<string> {
  const { escrows, perSecond, burst } = mode.limited;
  const options = { latencyMs: mode.latencyMs, limit: { perSecond, burst } };
  const settings = `ratePerSecond: ${perSecond}, burst: ${burst}`;
  return withSet(stage, options, settings, async (set) => {
    const { lastCancelMs, refunded } = await one(set, { escrows });
    const { passed, refused } = await set.gateway.told();
    note(limitedOf(mode.limited), lastCancelMs);
    note(SHARE_429, refused / (passed + refused));
    return `rate-limited: ${refunded} of ${escrows} escrows came back, ${refused} of ${passed + refused} calls got 429`;
  });
}

async function withSet<T>(
  stage: Stage,
  gatewayOptions: GatewayOptions,
  gatewaySettings: string,
  play: (set: Setting) => Promise<T>,
): Promise<T> {
  const gateway = await startGateway(stage, gatewayOptions);
  const settings = `gateway: { ${gatewaySettings} }\ncontainment: { holdIntervalMs: 3600000 }`;
  const preparation = openPreparation(stage.redisUrl, gateway);
  await preparation.forget();
  const product = await stage.startProduct({ gatewayUrl: gateway.url, workers: WORKERS, settings });
  const scene = openScene(product.apiPort, gateway, preparation);
  try {
    return await play({ gateway, preparation, scene });
  } finally {
    scene.close();
    await preparation.close();
    await product.stop();
    await gateway.stop();
  }
}

function sayTenTimes({ extraWrites, callsAfterwards }: TenTimes, note: Note): string {
  note(EXTRA_WRITES, extraWrites);
  note(CALLS_AFTER, callsAfterwards);
  return "every escrow of every case came back exactly once";
}

function report(rounds: Rounds, mode: Mode, checks: string[]): Report {
  const median = (what: string) => summarize(rounds.get(what)!).median;
  const roundTrip = median(ROUND_TRIP);
  const most = mode.escrows.at(-1)!;
  const { limited } = mode;
  // A page holds 200 escrows; the freeze is one call more.
  const calls = 1 + Math.ceil(limited.escrows / 200) + limited.escrows;
  const limitMs = ((calls - limited.burst) * 1000) / limited.perSecond;
  const standings: Standing[] = [
    atMost("Q4", `${KNOWN}, over a round trip and the hand-off`, median(KNOWN) / (roundTrip + HANDOFF_MS), 1),
    ...mode.concurrencies.map((concurrency) =>
      atMost(
        "Q5",
        `${lastCancel(most, concurrency)}, over two round trips`,
        median(lastCancel(most, concurrency)) / (2 * roundTrip),
        1.2,
      ),
    ),
    atMost("Q5", `${limitedOf(limited)}, over calls / rate`, median(limitedOf(limited)) / limitMs, 1.2),
    atMost("Q7", `${cascadeOf(mode.cascade)}, over one`, median(cascadeOf(mode.cascade)) / median(CASCADE_ONE), 1.5),
    atMost("Q10", CALLS_AFTER, median(CALLS_AFTER), 0),
    atMost("Q10", EXTRA_WRITES, median(EXTRA_WRITES), 0),
    atMost("Q10", SHARE_429, median(SHARE_429), 0.01),
  ];
  return {
    benchmark: `containment: ${mode.latencyMs} ms a gateway call, from the webhook to the effect at the gateway`,
    measures: [...rounds].map(([what, values]) => measureOf(what, values)),
    standings,
    checks,
  };
}

function measureOf(what: string, values: readonly number[]): Measure {
  const unit = what === EXTRA_WRITES || what === CALLS_AFTER ? "count" : what === SHARE_429 ? "x" : "ms";
  return { what, unit, summary: summarize(values) };
}
