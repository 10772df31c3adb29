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
for (const command of program.commands) hintAtHelp(command, "npx tourniquet");

try {
  await program.parseAsync();
} catch (error) {
  reportAndExit(error);
}

/** What is missing or misspelt is said in the help of that very command. */
function hintAtHelp(command: Command, before: string): void {
  const path = `${before} ${command.name()}`;
  command.showHelpAfterError(`(${path} --help says what it takes)`);
  for (const one of command.commands) hintAtHelp(one, path);
}

/** Commander refuses a command without them and does not say so before. */
function described(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory ? `${text} (required)` : text;
}
