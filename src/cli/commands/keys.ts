import type { Command } from "commander";
import { loadConfig } from "../../config.ts";
import { checkKey, type KeyReport } from "../../contain/key-check.ts";
import { TourniquetError } from "../../errors.ts";
import { keylessAgents, keysToCheck } from "../../gateway-access.ts";
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
      const configured = keysToCheck(config, settings);
      const without = keylessAgents(config, settings);
      if (configured.length === 0)
        throw new TourniquetError(
          "config-invalid",
          "no key is configured: set GREENHELIX_API_KEY, or keys in the settings",
        );
      const reports: KeyReport[] = [];
      await withProgress("asking the gateway", async (say) => {
        for (const key of configured) {
          say(`trying the key of ${key.name}`);
          reports.push(await checkKey(key));
          await key.gateway.close();
        }
      });
      const isFit = without.length === 0 && reports.every(({ problems }) => problems.length === 0);
      console.log(
        options.json ? JSON.stringify({ isFit, keys: reports, withoutKey: without }) : keyLines(reports, without),
      );
      process.exitCode = isFit ? 0 : 1;
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
