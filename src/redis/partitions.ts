import { TourniquetError } from "../errors.ts";
import { partitionOf, shortHash } from "./keys.ts";

/** Our ids carry their partition as second part (`inc-3-9f86d081884c-1`, `evt-0-…`), so that whoever has the id finds the slot. */
export function partitionOfId(id: string): number {
  const partition = Number(id.split("-")[1]);
  if (!Number.isInteger(partition)) throw new TourniquetError("not-found", `no id of ours: ${id.slice(0, 80)}`);
  return partition;
}

const ourIds = /^(?:inc-(\d+)-[0-9a-f]{12}-(?:dry)?\d+|evt-(\d+)-[0-9a-f]{32})$/;

/** Where an agent, or what one of our ids names, lives. An agent may be called anything, also nearly like one of our ids. */
export function partitionOfAny(agentOrOurId: string, partitions: number): number {
  const [, incident, event] = ourIds.exec(agentOrOurId) ?? [];
  const partition = Number(incident ?? event ?? Number.NaN);
  return partition < partitions ? partition : partitionOf(agentOrOurId, partitions);
}

export function newEventId(agentId: string | null, partitions: number, identityHash: string): string {
  return `evt-${partitionOf(agentId, partitions)}-${identityHash}`;
}

export { partitionOf, shortHash };
