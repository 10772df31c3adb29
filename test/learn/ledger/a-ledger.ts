import type { Ledgers } from "../../../src/incident/ledger.ts";
import { type Checkpoint, canonicalJson, digestOf, linkHash } from "../../../src/incident/ledger.ts";
import { type Bundle, digestOfPart, FORMAT, serialize } from "../../../src/learn/ledger/bundle.ts";
import { newKey, openSigner, type Signer } from "../../../src/learn/ledger/signing.ts";

/** A signer of its own, and its public key. */
export async function aSigner(pem = newKey()): Promise<{ signer: Signer; publicPem: string; privatePem: string }> {
  let publicPem = "";
  const ledgers = {
    rememberPublicKey: async (_: string, known: string) => {
      publicPem = known;
    },
  } as unknown as Ledgers;
  const signer = await openSigner(pem, ledgers)();
  return { signer, publicPem, privatePem: pem };
}

export const INCIDENT = "inc-0-0123456789ab-1";
const TEXT = { note: "what was too long for a line" };

/** A whole ledger of 12 entries, two checkpoints and one attachment, as an export makes it. */
export function aBundle(signer: Signer, publicPem: string): Bundle {
  let before = INCIDENT;
  const entries = Array.from({ length: 12 }, (_, index) => {
    const detail =
      index === 5 ? { part: "at-containment", evidence: digestOf(canonicalJson(TEXT)) } : { n: index, of: "ä\n" };
    const what = index === 5 ? "evidence-kept" : "noted";
    const entry = { seq: index + 1, at: 1_700_000_000_000 + index, phase: "contain", what, detail };
    before = linkHash(before, canonicalJson(entry));
    return { hash: before, entry };
  });
  const checkpoints: Checkpoint[] = [7, 12].map((seq) =>
    signer.sign({
      format: "tourniquet-checkpoint/1",
      incident: INCIDENT,
      seq,
      head: entries[seq - 1]!.hash,
      at: 1_700_000_100_000 + seq,
    } as const),
  );
  const keys = [{ keyId: signer.keyId, pem: publicPem }];
  const sha256 = digestOf(canonicalJson(TEXT)).sha256;
  const attachments = [{ name: "evidence/at-containment", sha256, content: TEXT }];
  const statement = signer.sign({
    format: "tourniquet-statement/1",
    incident: INCIDENT,
    entries: 12,
    head: before,
    checkpoints: digestOfPart(checkpoints),
    keys: digestOfPart(keys),
    attachments: digestOfPart(attachments),
    at: 1_700_000_200_000,
  } as const);
  return { format: FORMAT, incident: INCIDENT, entries, checkpoints, keys, attachments, statement };
}

export const textOf = (bundle: Parameters<typeof serialize>[0]): string => serialize(bundle);
