import type { Command } from "commander";
import { loadConfig } from "../../config.ts";
import type { KeyReport } from "../../contain/key-check.ts";
import { checkKeys } from "../../gateway-access.ts";
import { visibly } from "../../incident/visible.ts";
import { withProgress } from "../progress.ts";
import { runningEnvironment } from "../running.ts";

export function keys(program: Command): void {
  program
    .command("keys")
    .description("what the gateway keys may do")
    .command("check")
    .description("measure what each key may do, without changing anything; status 1 if one cannot do its work")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet keys check")
    .action(async (options: { json?: boolean }) => {
      const { config, settings } = loadConfig(runningEnvironment());
      const report = await withProgress("asking the gateway", (say) =>
        checkKeys(config, settings, (name) => say(`trying the key of ${name}`)),
      );
      console.log(options.json ? JSON.stringify(report) : keyLines(visibly(report.keys), visibly(report.withoutKey)));
      process.exitCode = report.isFit ? 0 : 1;
    });
}

function keyLines(reports: readonly KeyReport[], without: readonly string[]): string {
  const lines = reports.flatMap(({ name, from, agents, reads, mayWrite, isAdmin, problems, notes }) => [
    `${problems.length === 0 ? "ok     " : "PROBLEM"} ${name} (${from})`,
    `        acts for ${agents.length === 0 ? "no agent of the file" : agents.join(", ")}; reads ${reads.join(", ") || "none"}; freezes and cancels: ${mayWrite}; admin: ${isAdmin}`,
    ...problems.map((problem) => `        ! ${problem}`),
    ...notes.map((note) => `        - ${note}`),
  ]);
  return [...lines, ...without.map((agentId) => `PROBLEM ${agentId}: no key acts for it`)].join("\n");
}
