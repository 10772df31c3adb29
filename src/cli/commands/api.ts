import type { Command } from "commander";
import { runApiProcess } from "../../api-process.ts";
import { runningEnvironment } from "../running.ts";

export function api(program: Command): void {
  program
    .command("api")
    .description("take webhooks and serve the API, Bull Board, health and metrics")
    .option("--json", "the same: the log is one JSON object a line")
    .addHelpText(
      "after",
      "\nExample:\n  REDIS_URL=redis://10.0.0.5:6379 GREENHELIX_WEBHOOK_SECRETS=whsec_... npx tourniquet api",
    )
    .action(() => runApiProcess(runningEnvironment()));
}
