import type { Command } from "commander";

/** Broad enough for most lines, narrow enough for a page. */
const WIDTH = 110;

/** Every command that does something: those that only hold others are not among them, nor is `help`. */
export function leavesOf(command: Command): Command[] {
  const own = command.commands.filter((one) => one.name() !== "help");
  return own.length === 0 ? [command] : own.flatMap(leavesOf);
}

/** "incidents list": as it is typed after `npx tourniquet`. */
export function pathOf(command: Command): string {
  const above = command.parent?.parent ? `${pathOf(command.parent)} ` : "";
  return `${above}${command.name()}`;
}

/** What `--help` prints, whole: commander leaves what stands after the options out of its own text. */
export function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

/** docs/cli.md. A test keeps the file in step: node scripts/cli-reference.ts writes it anew. */
export function cliReference(program: Command): string {
  const leaves = leavesOf(program);
  return [
    "# The command line",
    "",
    "Written from the commands themselves by `node scripts/cli-reference.ts`; a test keeps it in step.",
    "",
    ...ABOUT,
    "",
    "| command | what it does |",
    "| --- | --- |",
    ...leaves.map((one) => `| [\`${pathOf(one)}\`](#${pathOf(one).replaceAll(" ", "-")}) | ${one.description()} |`),
    ...leaves.flatMap((one) => ["", `## ${pathOf(one)}`, "", "```text", helpOf(one), "```"]),
    "",
  ].join("\n");
}

const ABOUT = [
  "Each command finds the product of an `npm start` that runs in the same folder by itself; elsewhere it takes its environment",
  "(`REDIS_URL` and what else `.env.example` lists).",
  "",
  "| exit status | means |",
  "| --- | --- |",
  "| 0 | done, and as it should be |",
  "| 1 | it failed, or what it looked at is not as it should be |",
  "| 2 | the command, its input or the configuration is wrong: trying again changes nothing |",
  "",
  "The answer goes to standard output: with `--json` as JSON, which is what scripts should read. Everything else goes to standard",
  "error: mistakes, and how far it is once it takes longer than a second (one moving line on a terminal, plain lines elsewhere).",
  "Colours are for terminals alone; `NO_COLOR=1` takes them away and `FORCE_COLOR=1` insists. A closed pipe ends a command quietly.",
];
