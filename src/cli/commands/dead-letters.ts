import { type Command, InvalidArgumentError, Option } from "commander";
import { TourniquetError } from "../../errors.ts";
import { type DeadLetterHistory, deadQueues } from "../../incident/dead-letter.ts";
import { presentDeadLetter } from "../../incident/present-dead-letter.ts";
import { readListing, readReplayOrder } from "../../incident/replay-order.ts";
import { deadLetterLines, deadLetterTable, replayLines } from "../dead-letter-text.ts";
import { ordered } from "../ordered.ts";
import { withProgress } from "../progress.ts";
import { withoutSettings } from "../with-services.ts";

export function deadLetters(program: Command): void {
  const group = program
    .command("dead-letters")
    .description("jobs that failed for good: list them, look into one, replay them once the cause is mended");
  filtered(group.command("list"))
    .description("newest first; looks at the gateway are none, their schedule repeats them")
    .option("--id <id>", "this job alone")
    .option("--limit <n>", "how many at most, up to 500", "50")
    .option("--after <place>", "the next page: `next` of the one before")
    .option("--json", "one JSON object: deadLetters, examined, next")
    .addHelpText("after", "\nExample:\n  npx tourniquet dead-letters list --queue notification --since 2h")
    .action(({ json, ...said }: Said) =>
      withoutSettings(async ({ deadLetters }) => {
        const { filter, limit, after } = readListing(said);
        const page = await deadLetters.list(filter, limit, after);
        if (json) console.log(JSON.stringify({ ...page, deadLetters: page.deadLetters.map(presentDeadLetter) }));
        else console.log(page.deadLetters.length === 0 ? "no dead letters" : deadLetterTable(page.deadLetters));
        if (!json && page.next !== null) console.log(`There are more: --after '${page.next}'`);
      }),
    );
  group
    .command("show <id>")
    .description("one with its whole history: what it was about, every attempt, stack traces, replays")
    .addOption(new Option("--queue <name>", "where two queues have a job of this id").choices(deadQueues))
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet dead-letters show contain-inc-0-3f2a9c117d10-1")
    .action((id: string, { queue, json }: Said) =>
      withoutSettings(async ({ deadLetters }) => {
        const asked = deadQueues.filter((name) => queue === undefined || name === queue);
        const shown = await Promise.all(asked.map((name) => deadLetters.show(name, id)));
        const found = theOne(shown.filter((one) => one !== null));
        if (!found)
          throw new TourniquetError("not-found", `no job ${id}: npx tourniquet dead-letters list shows what there is`);
        console.log(json ? JSON.stringify(presentDeadLetter(found)) : deadLetterLines(found));
      }),
    );
  replay(group);
}

function replay(group: Command): void {
  filtered(group.command("replay [id]"))
    .description(
      "gives them back to their queues, one by its id or those a filter finds; what was done is not done again",
    )
    .option("--limit <n>", "how many at most, up to 1000", "100")
    .option("--dry-run", "only say what would be replayed")
    .requiredOption("--by <name>", "who replays")
    .requiredOption("--reason <text>", "why: what was mended")
    .option("--json", "one JSON object: dryRun, results, more")
    .addHelpText(
      "after",
      '\nExample:\n  npx tourniquet dead-letters replay --queue contain --since 2h --by ada --reason "gateway key renewed" --dry-run',
    )
    .action((id: string | undefined, { json, ...said }: Said) =>
      withoutSettings(async (services) => {
        const order = readReplayOrder({ ...said, id });
        const replay = () =>
          withProgress("looking for them", (say) =>
            services.deadLetters.replay(order, (done, of) => say(`${done} of ${of} replayed`)),
          );
        const { by, ...fields } = order;
        const change = { action: "replayDeadLetters", target: id, by, fields };
        const { results, more } = order.dryRun ? await replay() : await ordered(services, change, replay);
        console.log(json ? JSON.stringify({ dryRun: order.dryRun, results, more }) : replayLines(results, more));
      }),
    );
}

interface Said {
  json?: boolean;
  queue?: string;
  since?: string;
  until?: string;
}

function filtered(command: Command): Command {
  return command
    .addOption(new Option("--queue <name>", "of this queue alone").choices(deadQueues))
    .option("--agent <id>", "about this agent alone")
    .option("--type <type>", "of this type of event (escrow_state_change) or kind of job (publish) alone")
    .option("--since <time>", "failed since: 2026-11-22T02:00:00Z, or how long ago: 30m, 2h, 3d", time)
    .option("--until <time>", "failed until then; the same", time);
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function time(text: string): string {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  if (ago) return new Date(Date.now() - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs]).toISOString();
  if (Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("must be a time such as 2026-11-22T02:00:00Z, or 30m, 2h, 3d ago");
  return text;
}

/** Of two that have this id the dead one is meant. */
function theOne(shown: readonly DeadLetterHistory[]): DeadLetterHistory | undefined {
  const dead = shown.filter(({ state }) => state === "failed");
  if (dead.length > 1)
    throw new TourniquetError(
      "conflict",
      `${dead.map(({ queue }) => queue).join(" and ")} both have one of this id: say --queue`,
    );
  return dead[0] ?? shown[0];
}
