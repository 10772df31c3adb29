import { canonicalJson, linkHash } from "../../incident/ledger.ts";
import type { Bundle, BundleEntry } from "./bundle.ts";

/** What is wrong with the first entry that is not as it was written; null where all are. */
export function firstBadEntry({ incident, entries }: Pick<Bundle, "incident" | "entries">): string | null {
  let before = incident;
  for (const [index, each] of entries.entries()) {
    const number = index + 1;
    if (!("entry" in each)) return `entry ${number} was changed: it is no entry any more`;
    if (each.entry.seq !== number) return outOfPlace(entries, index, before);
    if (!isLinked(before, each)) {
      const next = entries[number];
      return next && seqOf(next) === number && isLinked(before, next)
        ? `an entry was put in before entry ${number}`
        : `entry ${number} was changed`;
    }
    before = each.hash;
  }
  return null;
}

function isLinked(before: string, each: BundleEntry): boolean {
  return "entry" in each && linkHash(before, canonicalJson(each.entry)) === each.hash;
}

const seqOf = (each: BundleEntry | undefined): number | undefined =>
  each && "entry" in each ? each.entry.seq : undefined;

/** The entry at this index bears another number than its place. */
function outOfPlace(entries: readonly BundleEntry[], index: number, before: string): string {
  const number = index + 1;
  const found = entries[index]!;
  const seq = seqOf(found)!;
  if ("entry" in found && isLinked(before, { ...found, entry: { ...found.entry, seq: number } }))
    return `entry ${number} was changed: it says that it is entry ${seq}`;
  const next = entries.findIndex((each) => seqOf(each) === number);
  if (next === seq - 1 && seqOf(entries[next]) === number) return `entries ${number} and ${seq} are swapped`;
  if (seq < number) return `entry ${seq} stands there twice`;
  if (next > index) return `entry ${number} is out of its place: entry ${seq} stands there`;
  return seq === number + 1 ? `entry ${number} is missing` : `entries ${number} to ${seq - 1} are missing`;
}
