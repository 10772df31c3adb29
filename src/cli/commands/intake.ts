import type { Command } from "commander";
import { dispositions } from "../../incident/event.ts";
import { withoutSettings } from "../with-services.ts";

export function intake(program: Command): void {
  program
    .command("intake")
    .description("what came in and what became of it: accepted = dispositions + pending, always")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet intake --json")
    .action((options: { json?: boolean }) =>
      withoutSettings(async ({ inbox }) => {
        const stats = await inbox.stats();
        if (options.json) return console.log(JSON.stringify(stats));
        console.log(`accepted      ${stats.accepted}`);
        for (const name of dispositions) console.log(`  ${name.padEnd(12)}${stats.dispositions[name]}`);
        console.log(
          `  ${"pending".padEnd(12)}${stats.pending}${stats.pending > 0 ? ` (oldest ${Math.round(stats.oldestPendingMs / 1000)} s)` : ""}`,
        );
        console.log(
          `rejected      ${stats.rejected} (authentic but invalid; ${stats.quarantineSize} kept in quarantine)`,
        );
      }),
    );
}
