import { writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { TourniquetError } from "../../errors.ts";
import { AUDIT_TRAIL, type AuditedChange, presentAuditedChange } from "../../incident/audit.ts";
import { exportLedger } from "../../learn/ledger/export.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings } from "../with-services.ts";

/** `audit` (O6): who changed what, through API, console or command line. */
export function audit(program: Command): void {
  const group = program.command("audit").description("who changed what, through API, console or command line");
  group
    .command("list")
    .description("newest first, and how each ended")
    .option("--limit <n>", "how many at most, up to 500", wholeNumber(500), 50)
    .option("--after <number>", "the next page: the number of the last one shown", wholeNumber(Number.MAX_SAFE_INTEGER))
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet audit list --limit 20")
    .action(({ limit, after, json }: { limit: number; after?: number; json?: boolean }) =>
      withoutSettings(async (services) => {
        const changes = await services.audit.list(limit, after);
        console.log(json ? JSON.stringify(changes.map(presentAuditedChange)) : table(changes));
      }),
    );
  group
    .command("export")
    .description("the whole trail as one signed file, which npx tourniquet ledger verify reads")
    .option("--out <file>", "write it there; left out: to standard output")
    .option("--json", "the same: the export is JSON")
    .addHelpText("after", "\nExample:\n  npx tourniquet audit export --out audit.json")
    .action(({ out }: { out?: string }) =>
      withoutSettings(async (services) => {
        const text = await exportLedger(services, AUDIT_TRAIL);
        if (out === undefined) process.stdout.write(text);
        else write(out, text);
      }),
    );
}

function table(changes: readonly AuditedChange[]): string {
  if (changes.length === 0) return "no changes yet";
  const rows = changes.map(presentAuditedChange).map((change) => {
    const { number, at, by, credential, via, action, target, outcome } = change;
    const end = outcome === null ? "under way, or cut off" : `${outcome.result} ${outcome.detail}`.trimEnd();
    return [String(number), at, by ?? "", `${via}, ${credential}`, action, target, end];
  });
  return textTable([["", "AT", "BY", "BY MEANS OF", "ACTION", "TARGET", "OUTCOME"], ...rows]);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new TourniquetError("input-invalid", `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  process.stderr.write(`${file} written\n`);
}

function wholeNumber(most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (/^[1-9]\d*$/.test(text) && number <= most) return number;
    throw new InvalidArgumentError(`must be a whole number from 1 to ${most}`);
  };
}
