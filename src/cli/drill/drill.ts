import { setTimeout as after } from "node:timers/promises";
import { describeError } from "../../errors.ts";
import { call } from "../../sandbox/call.ts";
import { play } from "../../sandbox/play.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { gather } from "./facts.ts";
import { type DrillProduct, RESPONDER, startDrillProduct } from "./product.ts";
import { type DrillScore, scoreDrill } from "./score.ts";

export interface DrillOptions {
  redisUrl: string;
  /** Undefined: the scenario's own. */
  speed: number | undefined;
  logLevel: string;
  signal: AbortSignal;
  /** Called before the product is closed: for whoever wants to look around in it. */
  linger(product: DrillProduct, score: DrillScore): Promise<void>;
}

/** How long after the last act the product may take before the score is drawn as it stands. */
const SETTLE_MS = 12_000;
const LOOK_EVERY_MS = 50;

export interface DrillEnd {
  score: DrillScore;
  /** The whole drill, opening and closing included. */
  durationMs: number;
}

/** One story against a product of its own, scored. A drill that breaks down has failed; only an abort is thrown. */
export async function drill(scenario: Scenario, options: DrillOptions): Promise<DrillEnd> {
  const startedAt = performance.now();
  const score = await playAndScore(scenario, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    return brokenDown(scenario, error);
  });
  return { score, durationMs: Math.round(performance.now() - startedAt) };
}

async function playAndScore(scenario: Scenario, options: DrillOptions): Promise<DrillScore> {
  const { signal, redisUrl, logLevel, speed = scenario.speed } = options;
  const product = await startDrillProduct(scenario, { redisUrl, speed, logLevel });
  try {
    const activity = { url: `${product.apiUrl}/webhooks/agent-activity`, secret: product.secret };
    await play(product.sandboxUrl, scenario, { speed, tempo: product.tempo, activity, signal });
    const score = await settled(scenario, product, signal);
    await options.linger(product, score);
    return score;
  } finally {
    await product.close();
  }
}

/**
 * As soon as everything is as it must be and nothing is under way, or when the time is up: the score as it stands then.
 * Whoever watches by polling is given two more looks, since one that freezes too much would do it late.
 */
async function settled(scenario: Scenario, product: DrillProduct, signal: AbortSignal): Promise<DrillScore> {
  const { watchEveryMs = 0 } = scenario.switches ?? {};
  await after(2 * watchEveryMs, undefined, { signal });
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const quiet = await isQuiet(product);
    const score = scoreDrill(scenario, await gather(product), RESPONDER);
    if ((quiet && score.verdict === "passed") || waitedMs >= SETTLE_MS) return score;
    await after(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** No delivery on its way, no job of detection or containment waiting or in hand. */
async function isQuiet({ sandboxUrl, services }: DrillProduct): Promise<boolean> {
  const { body } = await call(sandboxUrl, "GET", "/_sandbox/deliveries", undefined, "");
  if ((body as { deliveries: { status: string }[] }).deliveries.some(({ status }) => status === "pending"))
    return false;
  const working = services.queues.all().filter(({ queue }) => ["freeze", "contain", "correlate"].includes(queue));
  const counts = await Promise.all(working.map(({ bull }) => bull.getJobCounts("waiting", "active", "delayed")));
  return counts.every((count) => Object.values(count).every((jobs) => jobs === 0));
}

function brokenDown({ name, expected }: Scenario, error: unknown): DrillScore {
  return {
    ...{
      drill: name,
      expects: expected.signal,
      detected: "no",
      signals: [],
      because: [],
      alerts: [],
      timeToFreezeMs: null,
    },
    ...{ atFreeze: null, recovered: "0.00", lost: "0.00", lostEscrows: [] },
    ...{ frozen: [], halved: [], stopped: [], restricted: [], falseFreezes: [], breaches: 0, verdict: "failed" },
    reasons: [`the drill broke down: ${describeError(error).message}`],
  };
}
