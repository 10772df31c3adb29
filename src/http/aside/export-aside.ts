import type { ServerResponse } from "node:http";
import { finished } from "node:stream";
import { assemble, type ExportParts } from "../../learn/ledger/assemble.ts";
import { type ExportLedgerPorts, partsOfExport, signExport } from "../../learn/ledger/export.ts";
import type { Problem } from "../problem.ts";
import { inThread } from "./aside.ts";

/** Each holds the whole file in memory, until it is sent. */
const MOST_AT_ONCE = 2;
/** A file that nobody takes is held no longer than this. */
const SENT_WITHIN_MS = 60_000;

const SMALL_LINES = 300;
const SMALL_CHARACTERS = 128 * 1_024;

let underWay = 0;

/** exportLedger, with what takes long in a thread of its own, and so many at once that webhooks are answered meanwhile. res: what the file goes out with. */
export async function exportAside(
  ports: ExportLedgerPorts,
  incidentId: string,
  res: ServerResponse,
): Promise<{ text: string } | { problem: Problem }> {
  if (underWay >= MOST_AT_ONCE) return { problem: busy };
  underWay += 1;
  const timer = setTimeout(() => res.destroy(), SENT_WITHIN_MS);
  // Also of a client that has gone already.
  finished(res, () => {
    underWay -= 1;
    clearTimeout(timer);
  });
  const parts = await partsOfExport(ports, incidentId);
  const assembled = isSmall(parts) ? assemble(parts) : await inThread("export", parts);
  return "problem" in assembled ? assembled : { text: await signExport(ports, assembled) };
}

/** Nearly every incident: done here in the time that a thread takes to begin. */
function isSmall({ stored: { lines, texts, evidence } }: ExportParts): boolean {
  const all = [lines, Object.values(texts), Object.values(evidence)].flat();
  // Lines may refer to the same text, and each has it in the file.
  return lines.length <= SMALL_LINES && all.reduce((sum, { length }) => sum + length, 0) <= SMALL_CHARACTERS;
}

const busy: Problem = {
  status: 503,
  kind: "busy",
  detail: `${MOST_AT_ONCE} exports are under way: ask again in a moment, or use the command line.`,
  headers: { "retry-after": "5" },
};
