import { TourniquetError } from "../../errors.ts";
import { AUDIT_TRAIL } from "../../incident/audit.ts";
import type { Incidents } from "../../incident/ports.ts";
import { type Assembled, assemble, type ExportParts } from "./assemble.ts";
import { withStatement } from "./bundle.ts";
import { type CheckpointPorts, checkpoint } from "./checkpoint.ts";

export interface ExportLedgerPorts extends CheckpointPorts {
  incidents: Pick<Incidents, "load">;
}

/**
 * The whole ledger of one incident, or the audit trail, as a file that verifies anywhere. What somebody changed in Redis is exported as it is found:
 * whether it fits together is for `verify` to say. Throws not-found.
 */
export async function exportLedger(ports: ExportLedgerPorts, incidentId: string): Promise<string> {
  return signExport(ports, assemble(await partsOfExport(ports, incidentId)));
}

/** For whoever has `assemble` done in another thread. Signs where the ledger ends, unless that is signed. Throws not-found. */
export async function partsOfExport(ports: ExportLedgerPorts, incidentId: string): Promise<ExportParts> {
  if (incidentId !== AUDIT_TRAIL && !(await ports.incidents.load(incidentId)))
    throw new TourniquetError("not-found", `There is no incident ${incidentId}.`);
  await checkpoint(ports, incidentId);
  const [stored, publicKeys, signer] = await Promise.all([
    ports.ledgers.read(incidentId),
    ports.ledgers.publicKeys(),
    ports.signer(),
  ]);
  const ids = [...new Set([...stored.checkpoints.map(({ keyId }) => keyId), signer.keyId])];
  return { incident: incidentId, stored, keys: ids.map((keyId) => ({ keyId, pem: publicKeys[keyId] ?? "" })) };
}

export async function signExport(ports: ExportLedgerPorts, { file, said }: Assembled): Promise<string> {
  const signer = await ports.signer();
  const at = await ports.clock.now();
  return withStatement(file, signer.sign({ format: "tourniquet-statement/1", ...said, at } as const));
}
