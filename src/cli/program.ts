import { Command } from "commander";
import { reportAndExit } from "../process.ts";
import { commands } from "./commands/index.ts";

const program = new Command("tourniquet")
  .description(
    "Stops the bleeding when AI commerce agents fail: finds a runaway agent, freezes it, takes its money back out of escrow, and proves it.",
  )
  .showHelpAfterError("(tourniquet --help shows the commands)");
for (const register of commands) register(program);

try {
  await program.parseAsync();
} catch (error) {
  reportAndExit(error);
}
