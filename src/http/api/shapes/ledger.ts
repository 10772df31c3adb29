import { z } from "zod";
import { FORMAT } from "../../../learn/ledger/bundle.ts";
import { count } from "./time.ts";

const entry = z.object({
  seq: count,
  at: count.meta({ description: "Redis time in milliseconds" }),
  phase: z.string().optional(),
  what: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
const signature = { at: count, keyId: z.string(), signature: z.string() };

/** What `ledger export` writes (docs/ledger.md). */
export const ledgerShape = z
  .object({
    format: z.literal(FORMAT),
    incident: z.string(),
    entries: z.array(
      z.union([z.object({ hash: z.string(), entry }), z.object({ hash: z.string(), line: z.string() })]),
    ),
    checkpoints: z.array(
      z.object({
        format: z.literal("tourniquet-checkpoint/1"),
        incident: z.string(),
        seq: count,
        head: z.string(),
        ...signature,
      }),
    ),
    keys: z.array(z.object({ keyId: z.string(), pem: z.string() })),
    attachments: z.array(z.object({ name: z.string(), sha256: z.string(), content: z.unknown() })),
    statement: z.object({
      format: z.literal("tourniquet-statement/1"),
      incident: z.string(),
      entries: count,
      head: z.string(),
      checkpoints: z.string(),
      keys: z.string(),
      attachments: z.string(),
      ...signature,
    }),
  })
  .meta({ id: "Ledger" });

export const ledgerVerdictShape = z
  .discriminatedUnion("verdict", [
    z.object({ verdict: z.literal("no-ledger"), why: z.string() }),
    z.object({
      verdict: z.enum(["whole", "changed"]),
      problems: z.array(z.string()),
      incident: z.string(),
      entries: count,
      head: z.string(),
      checkpoints: count,
      exportedAt: count.nullable(),
      keyIds: z.array(z.string()),
      keysFrom: z.enum(["given", "file"]).meta({ description: "file: whoever wrote the file could have made them" }),
    }),
  ])
  .meta({ id: "LedgerVerdict" });
