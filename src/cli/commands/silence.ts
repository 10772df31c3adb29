import { type Command, InvalidArgumentError, Option } from "commander";
import { endSilence, orderSilence } from "../../detect/order-silence.ts";
import { presentSilence, type SilenceView } from "../../incident/silence.ts";
import { ordered } from "../ordered.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings } from "../with-services.ts";

export function silence(program: Command): void {
  const group = program
    .command("silence")
    .description("hold back alerts for a time; never containment of a critical signal, unless said explicitly");
  group
    .command("add")
    .description("from now, or --from, until it expires")
    .requiredOption("--owner <name>", "who answers for it")
    .requiredOption("--reason <text>", "why")
    .addOption(
      new Option("--for <length>", "how long: 30m, 2h, 3d (at most 30d); this or --until is required")
        .argParser(length)
        .conflicts("until"),
    )
    .option("--until <time>", "instead: until when, such as 2026-11-22T23:00:00Z")
    .option("--from <time>", "not yet: from when")
    .option("--agent <id>", "about this agent alone")
    .option("--signal <kind>", "about this signal alone")
    .option("--holds-containment", "also let critical signals go unanswered: nothing is frozen")
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      '\nExample:\n  npx tourniquet silence add --owner ada --reason "load test" --for 2h --agent procurement-7',
    )
    .action((options: AddOptions) =>
      withoutSettings(async (services) => {
        const { json, for: forMs, ...said } = options;
        const startsAt = said.from === undefined ? (await services.silences.current()).now : Date.parse(said.from);
        const until = said.until ?? (forMs === undefined ? undefined : isoOrText(startsAt + forMs));
        const { owner, ...fields } = { ...said, until };
        const order = { action: "addSilence", by: owner, fields };
        const added = await ordered(services, order, () => orderSilence(services, { ...said, until }));
        console.log(
          json
            ? JSON.stringify(presentSilence(added))
            : `${added.id} ${added.state === "coming" ? `from ${isoOrText(added.from)} ` : ""}until ${isoOrText(added.until)}; npx tourniquet silence remove ${added.id} ends it`,
        );
      }),
    );
  group
    .command("list")
    .description(
      "those of the settings file and of now, and those that ended within a day, with how much they held back",
    )
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet silence list")
    .action((options: { json?: boolean }) =>
      withoutSettings(async ({ silences, settings }) => {
        const found = await silences.list(settings.silences);
        console.log(options.json ? JSON.stringify(found.map(presentSilence)) : table(found));
      }, "the silences of the file"),
    );
  group
    .command("remove <id>")
    .description("end it now")
    .requiredOption("--by <name>", "who decides")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet silence remove sil-3f2a9c11 --by ada")
    .action((id: string, options: { by: string; json?: boolean }) =>
      withoutSettings(async (services) => {
        const order = { action: "endSilence", target: id, by: options.by };
        await ordered(services, order, () => endSilence(services, id, options.by));
        console.log(options.json ? JSON.stringify({ id, state: "expired" }) : `${id} ended`);
      }),
    );
}

interface AddOptions {
  owner: string;
  reason: string;
  for?: number;
  until?: string;
  from?: string;
  agent?: string;
  signal?: string;
  holdsContainment?: boolean;
  json?: boolean;
}

function table(silences: readonly SilenceView[]): string {
  if (silences.length === 0) return "no silences";
  const rows = silences
    .map(presentSilence)
    .map((one) => [
      one.id,
      one.state,
      one.agent ?? "any",
      one.signal ?? "any",
      one.holdsContainment ? "alerts and containment" : "alerts",
      one.until,
      String(one.heldBack),
      one.owner,
      one.reason,
    ]);
  return textTable([["ID", "STATE", "AGENT", "SIGNAL", "HOLDS BACK", "UNTIL", "HELD", "OWNER", "REASON"], ...rows]);
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function length(text: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  if (!match) throw new InvalidArgumentError("must be a number with m, h or d, such as 30m, 2h or 3d");
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** What is no time stays out: the order names it as a mistake. */
const isoOrText = (at: number): string | undefined => (Number.isNaN(at) ? undefined : new Date(at).toISOString());
