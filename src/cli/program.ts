import { Command, Help, type Option } from "commander";
import { reportAndExit } from "../process.ts";
import { commands } from "./commands/index.ts";

const program = new Command("tourniquet")
  .description(
    "Stops the bleeding when AI commerce agents fail: finds a runaway agent, freezes it, takes its money back out of escrow, and proves it.",
  )
  // Commands take it over.
  .configureHelp({ optionDescription: described })
  .showHelpAfterError("(tourniquet --help shows the commands)");
for (const register of commands) register(program);

try {
  await program.parseAsync();
} catch (error) {
  reportAndExit(error);
}

/** Commander refuses a command without them and does not say so before. */
function described(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory ? `${text} (required)` : text;
}
