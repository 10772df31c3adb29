import { type Command, InvalidArgumentError } from "commander";
import { TourniquetError } from "../../errors.ts";
import { whyNotActedOn } from "../../incident/not-acted-on.ts";
import { presentVerdict } from "../../incident/present-verdict.ts";
import type { KeptVerdict } from "../../incident/verdict.ts";
import { visibly } from "../../incident/visible.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings } from "../with-services.ts";

/** As many as are kept to be listed. */
const MOST = 1_000;

export function signals(program: Command): void {
  const group = program.command("signals").description("what was concluded lately, and why");
  group
    .command("list")
    .description("newest first, with the line of policy that decided")
    .option("--limit <n>", "how many at most", wholeNumber, 50)
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet signals list --limit 20")
    .action((options: { limit: number; json?: boolean }) =>
      withoutSettings(async ({ verdicts }) => {
        const found = await verdicts.recent(options.limit);
        console.log(options.json ? JSON.stringify(found.map(presentVerdict)) : signalTable(found));
      }),
    );
  group
    .command("show <id>")
    .description("one signal: the events, the rule and its version, the thresholds and the baseline that made it")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet signals show sig-3f2a9c117d10aa01")
    .action((id: string, options: { json?: boolean }) =>
      withoutSettings(async ({ verdicts, inbox }) => {
        const found = (await verdicts.recent(MOST)).find(({ signal }) => signal.id === id);
        if (!found)
          throw new TourniquetError("not-found", `no recent signal ${id}: npx tourniquet signals list shows them`);
        const notActedOn = await whyNotActedOn(inbox, found);
        console.log(
          options.json
            ? JSON.stringify({ ...presentVerdict(found), notActedOn })
            : signalLines(visibly(found), notActedOn),
        );
      }),
    );
}

export function signalTable(found: readonly KeptVerdict[]): string {
  if (found.length === 0) return "no signals";
  const rows = found.map(({ signal, tier, incidentId, keptAt }) => [
    signal.id,
    signal.kind,
    signal.severity,
    signal.agentId,
    tier ?? "recorded",
    incidentId ?? "",
    new Date(keptAt).toISOString(),
  ]);
  return textTable([["ID", "SIGNAL", "SEVERITY", "AGENT", "TIER", "INCIDENT", "DECIDED"], ...rows]);
}

export function signalLines(
  { signal, tier, decidedBy, incidentId, cascadeId }: KeptVerdict,
  notActedOn: string | null,
): string {
  const { why } = signal;
  return [
    `${signal.id}  ${signal.kind}  ${signal.severity}`,
    `agent       ${signal.agentId}`,
    `when        ${new Date(signal.occurredAt).toISOString()}`,
    `why         ${why.sentence}`,
    `rule        ${why.rule} v${why.ruleVersion}`,
    `thresholds  ${JSON.stringify(why.thresholds)}`,
    `observed    ${JSON.stringify(why.observed)}`,
    `baseline    ${why.baseline === null ? "none" : JSON.stringify(why.baseline)}`,
    `events      ${why.events.join(", ") || "none"}`,
    `tier        ${tier ?? "none: it was recorded, and nothing follows"}`,
    `decided by  ${decidedBy}`,
    `incident    ${incidentId ?? (notActedOn === null ? "none" : `none, ${notActedOn}`)}`,
    ...(cascadeId === undefined ? [] : [`cascade     ${cascadeId}`]),
  ].join("\n");
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$|^1000$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 1000");
  return Number(text);
}
