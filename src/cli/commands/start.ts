import { type Command, InvalidArgumentError } from "commander";
import { runStart } from "../start/start.ts";

export function start(program: Command): void {
  program
    .command("start")
    .description(
      "everything on one machine: Redis, sandbox gateway, API, all workers; plays the 2:47 story and stays up",
    )
    .option("--once", "end after the story; status 0 only if it was contained and nothing was lost")
    .option("--json", "with --once: the last line is the score as one JSON object")
    .option("--speed <times>", "how much faster than the real night", speed, 10)
    .addHelpText(
      "after",
      "\nOne stays up in a folder, and commands there talk to it; with --once another plays beside it.\nExample:\n  npm start\n  npm start -- --once --json",
    )
    .action(async (options: { once?: boolean; json?: boolean; speed: number }, command: Command) => {
      if (options.json && !options.once) command.error("error: option '--json' says the score at the end: add --once");
      process.exitCode = await runStart({
        once: options.once ?? false,
        json: options.json ?? false,
        speed: options.speed,
      });
    });
}

function speed(text: string): number {
  const times = Number(text);
  if (!(times >= 1 && times <= 100)) throw new InvalidArgumentError("must be a number from 1 to 100");
  return times;
}
