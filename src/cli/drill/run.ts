import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { startEmbeddedRedis } from "../embedded-redis.ts";
import { type DrillEnd, drill } from "./drill.ts";
import type { DrillProduct } from "./product.ts";
import { drillTable } from "./table.ts";

export interface DrillRunOptions {
  /** Undefined: each scenario's own. */
  speed: number | undefined;
  json: boolean;
  keep: boolean;
  logLevel: string;
}

/**
 * Plays these scenarios one after the other, each against a product and an empty Redis database of its own: nothing of a
 * running `npm start` is touched. Answers the exit status: 0 only if every drill came out as its scenario says.
 */
export async function runDrills(scenarios: readonly Scenario[], options: DrillRunOptions): Promise<number> {
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(text);
  const stopped = new AbortController();
  const stop = () => stopped.abort(new Error("stopped"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.on("disconnect", stop);
  const dir = mkdtempSync(join(tmpdir(), "tourniquet-drill-"));
  const redis = await startEmbeddedRedis({ dir, extraArgs: ["--databases", String(scenarios.length)] });
  const scores: DrillEnd["score"][] = [];
  try {
    for (const [index, scenario] of scenarios.entries()) {
      say(`${scenario.name.padEnd(24)}`);
      const isLast = index === scenarios.length - 1;
      const { score, durationMs } = await drill(scenario, {
        redisUrl: `${redis.url}/${index}`,
        ...{ speed: options.speed, logLevel: options.logLevel, signal: stopped.signal },
        linger: (product) => (options.keep && isLast ? lingerIn(product, stopped.signal, say) : Promise.resolve()),
      });
      say(`${score.verdict}  ${(durationMs / 1000).toFixed(1)} s\n`);
      scores.push(score);
    }
    say(`\n${drillTable(scores)}\n`);
    if (options.json) for (const score of scores) console.log(JSON.stringify(score));
    return scores.every(({ verdict }) => verdict === "passed") ? 0 : 1;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    say("stopped\n");
    return 1;
  } finally {
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
    // The launcher's channel, which we listen on, would keep this process up.
    if (process.connected) process.disconnect();
  }
}

async function lingerIn(
  { apiUrl, adminToken, sandboxUrl }: DrillProduct,
  stopped: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  say(
    `\n  incidents    ${apiUrl}/api/incidents?token=${adminToken}\n` +
      `  the gateway  ${sandboxUrl}/_sandbox/state\n  Ctrl-C ends it.\n`,
  );
  await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
}
