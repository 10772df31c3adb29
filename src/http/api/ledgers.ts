import { z } from "zod";
import { readPublicKeys } from "../../learn/ledger/signing.ts";
import { aside } from "../aside/aside.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { ledgerVerdictShape } from "./shapes/ledger.ts";

/** Said once or several times. */
const several = <S extends z.ZodType>(one: S) =>
  z.preprocess((said) => (said === undefined ? said : [said].flat()), z.array(one).max(10).optional());

const key = z
  .string()
  .max(2_000)
  .refine(isPublicKey, "must be an Ed25519 public key in PEM")
  .meta({ description: "PEM of a public key; then no other counts" });
const anchor = z
  .string()
  .regex(/^[1-9]\d{0,8}:[0-9a-f]{64}$/, "must be SEQ:HASH, as the log line ledger.checkpoint says it")
  .meta({ description: "SEQ:HASH, as the log line ledger.checkpoint said it" });

/** /api/ledgers/verify (F5): `tourniquet ledger verify` of a posted file. */
export const ledgerEndpoints: readonly Endpoint<object>[] = [
  endpoint({
    method: "post",
    path: "/api/ledgers/verify",
    id: "verifyLedger",
    tag: "ledgers",
    summary: "Recompute an exported ledger: order, hashes, signatures, digests",
    description:
      "At most 4 MB, one at a time. Whoever doubts this installation verifies elsewhere: `tourniquet ledger verify` needs nothing but the file.",
    role: "viewer",
    onlyReads: true,
    file: { media: "application/json", most: "4mb", what: "the exported file" },
    query: z.strictObject({ key: several(key), anchor: several(anchor) }),
    answers: { 200: { what: "whole, changed, or no ledger", body: ledgerVerdictShape } },
    problems: [429],
    async act(_ports: object, { file, query: { key: keys, anchor: anchors = [] } }) {
      const options = { ...(keys && { keys }), anchors: anchors.map(anchorOf) };
      const verdict = await aside("ledger", { text: file, options });
      return "problem" in verdict ? verdict : reply(200, verdict);
    },
  }),
];

function isPublicKey(pem: string): boolean {
  try {
    return readPublicKeys(pem).size > 0;
  } catch {
    return false;
  }
}

function anchorOf(text: string) {
  const [seq = "", hash = ""] = text.split(":");
  return { seq: Number(seq), hash };
}
