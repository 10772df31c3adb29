import type { Command } from "commander";
import type { HeldSettings } from "../../settings/holder.ts";
import { differencesFromDefaults } from "../../settings/review.ts";
import { textTable } from "../text-table.ts";
import { withServices } from "../with-services.ts";

export function configShow(group: Command): void {
  group
    .command("show")
    .description("the values in force that are no defaults, and where each comes from: the settings file, or a tuning")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet config show")
    .action((options: { json?: boolean }) =>
      withServices(async ({ heldSettings }) => {
        const report = inForce(heldSettings);
        console.log(options.json ? JSON.stringify(report) : lines(report));
      }),
    );
}

function inForce({ file, state }: HeldSettings) {
  const tuned = new Set(state.tuned.map(({ path }) => path));
  const fromFile = differencesFromDefaults(file).filter(({ path }) => !tuned.has(path));
  return { hash: state.hash, file: file.origin.file ?? null, fromFile, tuned: state.tuned };
}

function lines({ file, fromFile, tuned }: ReturnType<typeof inForce>): string {
  if (fromFile.length + tuned.length === 0) return "every value is a default";
  return textTable([
    ["VALUE", "IS", "FROM", "ELSE"],
    ...fromFile.map(({ path, value, line, fallback }) => [path, value, `${file} line ${line}`, fallback ?? "nothing"]),
    ...tuned.map(({ path, value, tuning, fileValue }) => [path, String(value), tuning, String(fileValue)]),
  ]);
}
