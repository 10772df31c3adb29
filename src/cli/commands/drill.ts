import { type Command, InvalidArgumentError, Option } from "commander";
import { TourniquetError } from "../../errors.ts";
import { lengthOf } from "../../sandbox/play.ts";
import { scenarios } from "../../sandbox/scenarios/index.ts";
import type { Scenario } from "../../sandbox/scenarios/scenario.ts";
import { runDrills } from "../drill/run.ts";
import { runningEnvironment } from "../running.ts";
import { textTable } from "../text-table.ts";

interface Options {
  all?: boolean;
  list?: boolean;
  speed?: number;
  json?: boolean;
  keep?: boolean;
  record: boolean;
  logLevel: string;
}

export function drill(program: Command): void {
  program
    .command("drill [names...]")
    .description("play what may go wrong against a product of its own, and score whether it was stopped")
    .option("--all", "every drill")
    .option("--list", "only say which there are")
    .option("--speed <times>", "how much faster than the real night; left out: each drill's own", speed)
    .option("--json", "one JSON object a drill, on standard output; with --list one JSON array")
    .option("--keep", "leave the product of the last drill up to look around in, until Ctrl-C")
    .option("--no-record", "keep the results nowhere; else the product that runs here, or REDIS_URL, shows them")
    .addOption(
      new Option("--log-level <level>", "what the product logs, on standard error").default("silent").choices(levels),
    )
    .addHelpText("after", "\nExample:\n  npx tourniquet drill --all\n  npx tourniquet drill payee-race --keep")
    .action(async (names: string[], options: Options) => {
      if (options.list) return console.log(options.json ? JSON.stringify(scenarios) : listing());
      const { speed, json = false, keep = false, record, logLevel } = options;
      const recordIn = record ? runningEnvironment().REDIS_URL : undefined;
      process.exitCode = await runDrills(chosen(names, options), { speed, json, keep, logLevel, recordIn });
    });
}

const levels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

function chosen(names: readonly string[], { all }: Options): readonly Scenario[] {
  if (all) return scenarios;
  const unknown = names.filter((name) => !scenarios.some((one) => one.name === name));
  if (names.length > 0 && unknown.length === 0) return scenarios.filter(({ name }) => names.includes(name));
  const problem = names.length === 0 ? "name a drill, or say --all" : `no drill named ${unknown.join(", ")}`;
  throw new TourniquetError("config-invalid", `${problem}; there are: ${scenarios.map(({ name }) => name).join(", ")}`);
}

function listing(): string {
  const rows = scenarios.map((scenario) => [
    scenario.name,
    scenario.expected.signal ?? "nothing",
    `${Math.ceil(lengthOf(scenario) / 60_000)} min at ${scenario.speed} x`,
    scenario.story,
  ]);
  return textTable([["DRILL", "EXPECTS", "PLAYED", "STORY"], ...rows]);
}

function speed(text: string): number {
  const times = Number(text);
  if (!(times >= 1 && times <= 10_000)) throw new InvalidArgumentError("must be a number from 1 to 10000");
  return times;
}
