import { TourniquetError } from "../errors.ts";
import { partitionOf, shortHash } from "./keys.ts";

/** Our ids carry their partition as second part (`inc-3-9f86d081884c-1`, `evt-0-…`), so that whoever has the id finds the slot. */
export function partitionOfId(id: string): number {
  const partition = Number(id.split("-")[1]);
  if (!Number.isInteger(partition)) throw new TourniquetError("not-found", `no id of ours: ${id.slice(0, 80)}`);
  return partition;
}

export function newEventId(agentId: string | null, partitions: number, identityHash: string): string {
  return `evt-${partitionOf(agentId, partitions)}-${identityHash}`;
}

export { partitionOf, shortHash };
