import type { Command } from "commander";
import { loadConfig } from "../../config.ts";
import { diagnose } from "../../doctor/doctor.ts";
import { items } from "../../doctor/items/index.ts";
import { openDoctor } from "../../doctor/open.ts";
import { visibly } from "../../incident/visible.ts";
import { doctorLines } from "../doctor-text.ts";
import { withProgress } from "../progress.ts";
import { runningEnvironment } from "../running.ts";

interface Options {
  notify?: boolean;
  strict?: boolean;
  json?: boolean;
}

export function doctor(program: Command): void {
  program
    .command("doctor")
    .description(
      "measures whether this product would stop a runaway agent tonight, item by item, and says how to mend each miss",
    )
    .option("--notify", "also send people a page that says it is a test")
    .option("--strict", "end with status 1 for warnings too")
    .option("--json", "one JSON object: isReady, counts, findings")
    .addHelpText(
      "after",
      "\nChanges nothing; the gateway is asked for a test ping, and an agent's budget is read the way a freeze would go.\nStatus 1 if an item fails. Without Redis or the gateway it says what it can.\nExample:\n  npx tourniquet doctor",
    )
    .action(async ({ notify = false, strict = false, json }: Options) => {
      const { config, settings } = loadConfig(runningEnvironment());
      const diagnosis = await withProgress("looking for Redis", async (say) => {
        const { ports, close } = await openDoctor(config, settings, notify);
        try {
          return await diagnose(ports, items, (left) =>
            say(`${items.length - left.length} of ${items.length} measured, waiting for ${left.join(", ")}`),
          );
        } finally {
          await close();
        }
      });
      console.log(json ? JSON.stringify(diagnosis) : doctorLines(visibly(diagnosis)));
      const { isReady, counts } = diagnosis;
      process.exitCode = isReady && !(strict && counts.warn > 0) ? 0 : 1;
    });
}
