import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeError, TourniquetError } from "./errors.ts";
import { BEAT_EVERY_MS, type DrillResult, type Drills, stateOf } from "./incident/drills.ts";
import type { Log } from "./incident/ports.ts";
import { version } from "./version.ts";

export interface RunDrillPorts {
  drills: Pick<Drills, "begin" | "beat" | "record" | "end">;
  log: Log;
}

/** A drill that may be ordered, as `tourniquet drill --list --json` prints it. */
export interface Scenario {
  name: string;
  story: string;
}

/** Drills on this machine, one at a time over all processes of the product. */
export interface DrillRunner {
  scenarios(): Promise<readonly Scenario[]>;
  /** "all": every scenario. Throws input-invalid for another one, conflict where one runs already or Redis cannot be started here. */
  start(order: { scenario: string; by: string }): Promise<{ id: string; wanted: readonly string[] }>;
  /** Ends what is under way here. */
  stop(): Promise<void>;
}

const command = fileURLToPath(new URL("cli/main.ts", import.meta.url));
/** Of what it says on standard error, for whoever asks why it came to nothing. */
const MOST_SAID = 2_000;
const run = promisify(execFile);

/**
 * Each runs as a process of its own, against a product, a gateway and a Redis of its own: whatever keys this one has, it reaches
 * nothing that is in earnest (cli/drill/product.ts). What it comes to is recorded here.
 */
export function createDrillRunner({ drills, log }: RunDrillPorts): DrillRunner {
  let known: Promise<readonly Scenario[]> | null = null;
  const running = new Map<ChildProcess, Promise<void>>();
  let isStopping = false;
  const scenarios = () => {
    known ??= run(process.execPath, [command, "drill", "--list", "--json"]).then(
      ({ stdout }) => JSON.parse(stdout) as Scenario[],
    );
    // Not to be had now is not never.
    known.catch(() => (known = null));
    return known;
  };
  return {
    scenarios,
    async start({ scenario, by }) {
      const wanted = chosen(await scenarios(), scenario);
      await needRedisServer();
      const { answer, id } = await drills.begin({ wanted, by, via: "api", version: version() }, { isAlone: true });
      if (answer === "busy")
        throw new TourniquetError("conflict", `${id} is running: one drill at a time, GET /api/drills shows it`);
      const child = spawn(process.execPath, [command, "drill", ...wanted, "--json", "--no-record"], {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      running.set(
        child,
        follow({ drills, log }, { id, wanted, child, isStopping: () => isStopping }).finally(() =>
          running.delete(child),
        ),
      );
      log.info({ drill: id, wanted, by, pid: child.pid }, "drill.started");
      return { id, wanted };
    },
    async stop() {
      isStopping = true;
      for (const child of running.keys()) child.kill("SIGTERM");
      await Promise.all(running.values());
    },
  };
}

function chosen(scenarios: readonly Scenario[], asked: string): readonly string[] {
  const names = scenarios.map(({ name }) => name);
  if (asked === "all") return names;
  if (names.includes(asked)) return [asked];
  const problem = `must be all, or one of ${names.join(", ")}`;
  throw new TourniquetError("input-invalid", "Say which drill to run.", {
    mistakes: [{ field: "scenario", problem }],
  });
}

/** A drill has a Redis of its own, which is thrown away afterwards. */
async function needRedisServer(): Promise<void> {
  await run("sh", ["-c", "command -v redis-server || command -v valkey-server"]).catch((error: unknown) => {
    const said = "a drill starts a Redis of its own, and neither redis-server nor valkey-server is on this machine";
    throw new TourniquetError(
      "conflict",
      `${said}: install one here, or run npx tourniquet drill elsewhere`,
      {},
      error,
    );
  });
}

interface Followed {
  id: string;
  wanted: readonly string[];
  child: ChildProcess;
  isStopping(): boolean;
}

/** Resolves when it is over and that is recorded, as far as Redis took it; never rejects. */
async function follow({ drills, log }: RunDrillPorts, { id, wanted, child, isStopping }: Followed): Promise<void> {
  const results: DrillResult[] = [];
  let said = "";
  const recording = (work: Promise<void>) =>
    work.catch((error: unknown) => log.warn({ drill: id, ...describeError(error) }, "drill.not-recorded"));
  const beat = setInterval(() => void recording(drills.beat(id)), BEAT_EVERY_MS);
  child.on("message", (message) => {
    const { result } = message as { result?: DrillResult };
    if (!result) return;
    results.push(result);
    void recording(drills.record(id, result));
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-MOST_SAID)));
  const [code, signal] = await ended(child);
  clearInterval(beat);
  const isWhole = results.length === wanted.length;
  const wasCut = isStopping() || signal !== null || code === null;
  const state = isWhole ? stateOf(wanted, results) : wasCut ? "interrupted" : "failed";
  await recording(drills.end(id, state, isWhole ? null : said.trim() || `it ended with ${signal ?? code}`));
  log.info({ drill: id, state, results: results.length }, "drill.ended");
}

function ended(child: ChildProcess): Promise<[number | null, string | null]> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve([code, signal]));
    child.once("error", (error) => resolve([null, error.message]));
  });
}
