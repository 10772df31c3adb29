import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { startEmbeddedRedis } from "../embedded-redis.ts";
import { startProgress } from "../progress.ts";
import { consoleLink } from "../start/addresses.ts";
import { drill } from "./drill.ts";
import type { DrillProduct } from "./product.ts";
import { beginRecord } from "./record.ts";
import type { DrillScore } from "./score.ts";
import { drillTable } from "./table.ts";

export interface DrillRunOptions {
  /** Undefined: each scenario's own. */
  speed: number | undefined;
  json: boolean;
  keep: boolean;
  logLevel: string;
  /** Where what they came to is kept; undefined: nowhere. */
  recordIn: string | undefined;
}

/** Drills at a time. They wait for their story more than they work; more at once would show in the time to freeze. */
const AT_ONCE = 2;

/**
 * Plays these scenarios, each against a product and an empty Redis database of its own: nothing of a running `npm start` is
 * touched, and nothing of it is left. Answers the exit status: 0 only if every drill came out as its scenario says.
 */
export async function runDrills(scenarios: readonly Scenario[], options: DrillRunOptions): Promise<number> {
  const progress = startProgress();
  const playing = new Set<string>();
  const sayPlaying = () => progress.say(playing.size === 0 ? "" : `playing ${[...playing].join(", ")}`);
  const say = (line: string) => {
    progress.say("");
    (options.json ? process.stderr : process.stdout).write(`${line}\n`);
    sayPlaying();
  };
  const stopped = stopSignal();
  const dir = mkdtempSync(join(tmpdir(), "tourniquet-drill-"));
  const redis = await startEmbeddedRedis({ dir, extraArgs: ["--databases", String(scenarios.length)] });
  const names = scenarios.map(({ name }) => name);
  const record = await beginRecord(options.recordIn, names, (line) => process.stderr.write(`tourniquet: ${line}\n`));
  const scores: DrillScore[] = [];
  const waiting = [...scenarios.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, scenario] = next;
      playing.add(scenario.name);
      sayPlaying();
      const isKept = options.keep && index === scenarios.length - 1;
      const { score, durationMs } = await drill(scenario, {
        redisUrl: `${redis.url}/${index}`,
        ...{ speed: options.speed, logLevel: options.logLevel, signal: stopped },
        linger: (product, score) => {
          playing.delete(scenario.name);
          return isKept ? lingerIn(product, score, stopped, say) : Promise.resolve();
        },
      });
      scores[index] = score;
      const result = { drill: scenario.name, verdict: score.verdict, durationMs, score: { ...score } };
      await record.add(result);
      // For an API process that ordered it.
      process.send?.({ result });
      playing.delete(scenario.name);
      say(`${scenario.name.padEnd(24)}${score.verdict}  ${(durationMs / 1000).toFixed(1)} s`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    say(`\n${drillTable(scores)}`);
    if (options.json) for (const score of scores) console.log(JSON.stringify(score));
    await record.end();
    return scores.every(({ verdict }) => verdict === "passed") ? 0 : 1;
  } catch (error) {
    await record.end("interrupted");
    if (!stopped.aborted) throw error;
    say("stopped");
    return 1;
  } finally {
    progress.end();
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
    // The launcher's channel, which we listen on, would keep this process up.
    if (process.connected) process.disconnect();
  }
}

/** Aborted by whatever asks a process to end. */
function stopSignal(): AbortSignal {
  const stopped = new AbortController();
  const stop = () => stopped.abort(new Error("stopped"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.on("disconnect", stop);
  return stopped.signal;
}

async function lingerIn(
  { apiUrl, adminToken, sandboxUrl }: DrillProduct,
  score: DrillScore,
  stopped: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  say(`\n${drillTable([score])}\n`);
  say(`  the console  ${consoleLink(apiUrl, adminToken)}`);
  say(`  the gateway  ${sandboxUrl}/_sandbox/state`);
  say("  Ctrl-C ends it.");
  if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
}
