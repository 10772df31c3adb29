import type { Command } from "commander";
import { type Config, loadConfig } from "../../config.ts";
import { TourniquetError } from "../../errors.ts";
import { inwardNames, refusedAddresses } from "../../notify/refused-addresses.ts";
import { EXIT } from "../../process.ts";
import { lineText } from "../../settings/policy-lines.ts";
import { reachable, unreached } from "../../settings/reach.ts";
import { answers, differencesFromDefaults, warningsOf } from "../../settings/review.ts";
import type { Settings } from "../../settings/settings.ts";
import { unshownMonths } from "../../settings/unshown-months.ts";
import { weakSecrets } from "../../weak-secrets.ts";
import { withProgress } from "../progress.ts";
import { runningEnvironment } from "../running.ts";
import { textTable } from "../text-table.ts";
import { configShow } from "./config-show.ts";

export function config(program: Command): void {
  const group = program.command("config").description("what the environment and the settings file say");
  configShow(group);
  group
    .command("check [file]")
    .description("every mistake with its line; what differs from the defaults; which line of policy answers what")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nStatus 2 if there is a mistake.\nExample:\n  npx tourniquet config check tourniquet.yaml")
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const report = await withProgress("looking up where people are told", () => check(file));
      console.log(options.json ? JSON.stringify(report) : lines(report));
      if (report.mistakes.length > 0) process.exitCode = EXIT.wrong;
    });
}

type Report = { mistakes: readonly string[] } & Partial<Awaited<ReturnType<typeof reviewed>>>;

async function check(file: string | undefined): Promise<Report> {
  const env = { ...runningEnvironment(), ...(file && { TOURNIQUET_CONFIG: file }) };
  try {
    const loaded = file ? loadConfig(env, "the command") : loadConfig(env);
    const mistakes = await refusedAddresses(loaded.config.channels, loaded.settings.notify);
    return mistakes.length > 0 ? { mistakes } : { mistakes, ...(await reviewed(loaded)) };
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code !== "config-invalid") throw error;
    return { mistakes: error.detail.mistakes as string[] };
  }
}

async function reviewed({ config, settings }: { config: Config; settings: Settings }) {
  const inward = await inwardNames(config.channels, settings.notify);
  const weak = [...weakSecrets(config), ...inward].map((message) => ({ line: null, message }));
  return {
    file: settings.origin.file ?? null,
    warnings: [
      ...weak,
      ...warningsOf(settings, Date.now()),
      ...unreached(settings, reachable(config.channels)),
      ...(config.greenhelixDialect === "tools" ? unshownMonths(settings) : []),
    ],
    differences: differencesFromDefaults(settings),
    policy: settings.policy.map(lineText),
    answers: answers(settings),
  };
}

function lines({ mistakes, file, warnings = [], differences = [], policy = [], answers = [] }: Report): string {
  if (mistakes.length > 0)
    return [`${mistakes.length} ${mistakes.length === 1 ? "mistake" : "mistakes"}`, ...mistakes.map(indented)].join(
      "\n",
    );
  return [
    file ? `${file} is in order` : "no settings file: everything is a default (TOURNIQUET_CONFIG names one)",
    ...(warnings.length > 0 ? ["", "probably not meant"] : []),
    ...warnings.map(({ line, message }) => indented(line === null ? message : `line ${line}: ${message}`)),
    "",
    differences.length > 0 ? "differs from the defaults" : "nothing differs from the defaults",
    ...(differences.length > 0
      ? [
          textTable(
            differences.map(({ path, value, fallback, line }) => [
              `  ${path}`,
              value,
              fallback === null ? "" : `(${fallback})`,
              line === null ? "" : `line ${line}`,
            ]),
          ),
        ]
      : []),
    "",
    "policy, asked in this order",
    ...policy.map(indented),
    "",
    "so, for agents that no line names",
    textTable([
      ["  SIGNAL", "INFO", "WARNING", "CRITICAL"],
      ...answers.map(({ signal, by }) => [
        `  ${signal}`,
        ...[by.info, by.warning, by.critical].map((answer) => answer ?? "recorded"),
      ]),
    ]),
  ].join("\n");
}

const indented = (text: string): string => `  ${text}`;
