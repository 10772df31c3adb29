import { Command, CommanderError, Help, type Option } from "commander";
import { EXIT, reportAndExit } from "../process.ts";
import { version } from "../version.ts";
import { commands } from "./commands/index.ts";

/** The whole command tree. Nothing is read or opened until one is run. */
export function buildProgram(): Command {
  const program = new Command("tourniquet")
    .description(
      "Stops the bleeding when AI commerce agents fail: finds a runaway agent, freezes it, takes its money back out of escrow, and proves it.",
    )
    .version(version(), "-V, --version", "which version this is")
    .helpOption("-h, --help", "what a command does and takes")
    .helpCommand("help [command]", "the same")
    // Commands take both over.
    .configureHelp({ optionDescription: described })
    .exitOverride()
    .showHelpAfterError("(tourniquet --help shows the commands)")
    .addHelpText(
      "after",
      "\nExample:\n  npx tourniquet incidents list\nExit status: 0 done, 1 failed or found something wrong, 2 wrong usage or configuration.",
    );
  for (const register of commands) register(program);
  for (const command of program.commands) hintAtHelp(command, "npx tourniquet");
  return program;
}

/** Runs what was asked for on the command line. */
export async function run(args: readonly string[]): Promise<void> {
  endWhereNothingIsTaken();
  try {
    await buildProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    // Commander has said already what is wrong.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.wrong;
    else reportAndExit(error);
  }
}

/** `tourniquet signals list | head -1`: whoever closed the pipe has what they wanted. A disk that is full has not. */
function endWhereNothingIsTaken(): void {
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit(EXIT.done);
    process.stderr.write(
      `tourniquet: standard output took no more (${message}): the answer is not whole, and what was ordered stands\n`,
    );
    process.exit(EXIT.failed);
  });
  // What cannot be said there ends nothing that is being done.
  process.stderr.on("error", () => undefined);
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
