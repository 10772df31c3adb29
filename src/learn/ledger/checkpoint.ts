import type { Checkpoint, Ledgers } from "../../incident/ledger.ts";
import type { Clock, Log } from "../../incident/ports.ts";
import type { SignerOf } from "./signing.ts";

export interface CheckpointPorts {
  ledgers: Ledgers;
  clock: Pick<Clock, "now">;
  signer: SignerOf;
  log: Log;
}

/**
 * Hashes what was appended to an incident's ledger and signs where it ends, unless that is signed already. The line in the log
 * is the anchor outside of Redis, and goes out before the checkpoint is kept: a worker that dies between says it twice.
 * Answers the checkpoint that covers the end; null for a ledger that is empty, or shorter than it once was signed to be.
 */
export async function checkpoint(ports: CheckpointPorts, incidentId: string): Promise<Checkpoint | null> {
  const { ledgers, log } = ports;
  const { seq, head } = await ledgers.seal(incidentId);
  if (seq === 0) return null;
  const last = await ledgers.lastCheckpoint(incidentId);
  if (last && last.seq === seq && last.head === head) return last;
  if (last && last.seq >= seq) {
    log.error({ incidentId, entries: seq, signed: last.seq }, "ledger.not-as-signed");
    await ledgers.giveUp(incidentId);
    return null;
  }
  const signer = await ports.signer();
  const said = {
    format: "tourniquet-checkpoint/1",
    incident: incidentId,
    seq,
    head,
    at: await ports.clock.now(),
  } as const;
  const made = signer.sign(said);
  log.info(
    { incidentId, anchor: anchorOf(made), at: made.at, keyId: made.keyId, signature: made.signature },
    "ledger.checkpoint",
  );
  return (await ledgers.keepCheckpoint(made)) ? made : ledgers.lastCheckpoint(incidentId);
}

/** Makes those that are due, and hashes the rest: what is not hashed yet could still be edited unseen. Answers how many were made. */
export async function checkpointDue(ports: CheckpointPorts, partition: number): Promise<number> {
  let made = 0;
  const now = await ports.clock.now();
  for (const { incidentId, dueAt } of await ports.ledgers.unsigned(partition, MOST_AT_ONCE)) {
    if (dueAt > now) await ports.ledgers.seal(incidentId);
    else if (await checkpoint(ports, incidentId)) made += 1;
  }
  return made;
}

const MOST_AT_ONCE = 200;

/** SEQ:HASH as `ledger verify --anchor` takes it; in groups, since the log blackens any 64 hex digits in a row. */
export function anchorOf({ seq, head }: Pick<Checkpoint, "seq" | "head">): string {
  return `${seq}:${head.match(/.{1,16}/g)!.join("-")}`;
}
