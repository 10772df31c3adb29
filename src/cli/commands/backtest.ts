import { type Command, InvalidArgumentError, Option } from "commander";
import { loadConfig } from "../../config.ts";
import { candidatesOf } from "../backtest/candidates.ts";
import { readRecorded } from "../backtest/recorded.ts";
import { type BacktestOptions, backtest as run } from "../backtest/run.ts";
import { backtestTable } from "../backtest/table.ts";
import { noCounts, readTrace } from "../backtest/trace.ts";
import { truthFrom, truthOfIncidents } from "../backtest/truth.ts";
import { withProgress } from "../progress.ts";
import { runningEnvironment } from "../running.ts";
import { withServices } from "../with-services.ts";

interface Options {
  trace?: string;
  since?: number;
  candidate: readonly string[];
  set: readonly string[];
  truth?: string;
  strict?: boolean;
  json?: boolean;
}

const DAY_MS = 86_400_000;

export function backtest(program: Command): void {
  program
    .command("backtest")
    .description("what other thresholds would have done: events of a file, or those of the inbox, replayed in seconds")
    .option("--trace <file>", "one webhook body a line (NDJSON), as a sender posts them; - is standard input")
    .addOption(
      new Option("--since <length>", "instead: the events of the inbox of the last 30m, 24h or 7d (default: 24h)")
        .argParser(length)
        .conflicts("trace"),
    )
    .option("--candidate <file>", "a settings file, or one with thresholds alone; may be said several times", list, [])
    .option("--set <threshold=value>", "a candidate of today's settings with this changed; several are one", list, [])
    .option("--truth <file>", 'which agents were in trouble: {"trouble": ["procurement-17"]}')
    .option("--strict", "end at the first line that is no event")
    .option("--json", "one JSON object (docs/backtest.md)")
    .addHelpText(
      "after",
      "\nStatus 2 if a file cannot be read or the command is wrong.\nExamples:\n" +
        "  npx tourniquet backtest --trace night.ndjson --set costAnomaly.sigmas=2.5\n" +
        "  npx tourniquet backtest --since 7d --candidate lax.yaml --candidate strict.yaml",
    )
    .action(act);
}

async function act(options: Options): Promise<void> {
  const { config, settings } = loadConfig(runningEnvironment());
  const { partitions } = config;
  const candidates = candidatesOf(settings, options.candidate, options.set, runningEnvironment());
  const known = options.truth === undefined ? null : truthFrom(options.truth);
  const counts = noCounts();
  const show = async (rest: Pick<BacktestOptions, "trace" | "truth">) => {
    const startedAt = performance.now();
    const report = await withProgress("reading events", (say) => {
      const rate = (events: number) => Math.round((events * 1_000) / (performance.now() - startedAt));
      const onProgress = (events: number) => say(`${events} events, ${rate(events)} a second`);
      return run({ candidates, counts, partitions, onProgress, ...rest });
    });
    console.log(options.json ? JSON.stringify(report) : backtestTable(report));
  };
  if (options.trace !== undefined) {
    const strict = options.strict ?? false;
    return show({ trace: readTrace(options.trace, { settings, partitions, strict }, counts), truth: known });
  }
  await withServices(async ({ recorded, incidents, clock }) => {
    const fromMs = (await clock.now()) - (options.since ?? DAY_MS);
    const truth = known ?? truthOfIncidents(await incidents.list(MOST_INCIDENTS), fromMs);
    await show({ trace: readRecorded(recorded.since(fromMs), counts), truth });
  });
}

const MOST_INCIDENTS = 1_000;

const list = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const unitMs = { m: 60_000, h: 3_600_000, d: DAY_MS } as const;

function length(text: string): number {
  const match = /^([1-9]\d{0,3})([mhd])$/.exec(text);
  if (!match) throw new InvalidArgumentError("must be a number with m, h or d, such as 30m, 24h or 7d");
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
