import type { Change, Registration } from "../greenhelix/registration.ts";
import type { Proof } from "../greenhelix/webhook-proof.ts";
import { paint } from "./colour.ts";
import { type Cell, textTable } from "./text-table.ts";

/** What was there, what was changed, and of each type of event what is proved. */
export function registrationLines(
  { url, existing, elsewhere, changes, types, problems }: Registration,
  { dryRun, remove }: { dryRun?: boolean; remove?: boolean },
): string {
  return [
    paint("bold", url),
    ...(existing.length === 0 ? ["  nothing is registered here"] : []),
    ...existing.map(({ id, eventTypes }) => `  found       ${id}  ${eventTypes.join(", ")}`),
    ...changes.map((change) => changeLine(change, dryRun ?? false)),
    ...elsewhere.map(({ id, url }) => `  elsewhere   ${id}  ${url} (left alone; --remove --url takes it back)`),
    ...(changes.length === 0 ? ["  nothing to change"] : []),
    ...(remove ? [] : ["", textTable([HEADING, ...types.map(({ eventType, proof }) => [eventType, ...cells(proof)])])]),
    ...problems.map((problem) => `\n${paint("red", "!")} ${problem}`),
  ].join("\n");
}

const HEADING = ["EVENT TYPE", "WEBHOOK", "DELIVERED", "SIGNATURE", "ARRIVED AFTER"];

function changeLine({ what, webhookId, eventTypes, why }: Change, isDryRun: boolean): string {
  const done = isDryRun ? `would be ${what}` : what.padEnd(11);
  return `  ${done} ${webhookId ?? "a new one"}  ${eventTypes.join(", ")} (${why})`;
}

function cells(proof: Proof | null): Cell[] {
  if (proof === null) return ["none", "", "", ""];
  const { webhookId, delivered, responseCode, verifiedMs } = proof;
  const code = responseCode === null ? "" : ` (${responseCode})`;
  return [
    webhookId,
    delivered ? `yes${code}` : { text: `no${code}`, style: "red" },
    verifiedMs === null ? { text: "not proved", style: "red" } : { text: "verified", style: "green" },
    verifiedMs === null ? "" : `${verifiedMs} ms`,
  ];
}
