import { z } from "zod";
import { type Bundle, FORMAT } from "./bundle.ts";

const hash = z.string();
const entry = z.looseObject({
  seq: z.number(),
  at: z.number(),
  what: z.string(),
  phase: z.string().optional(),
  detail: z.record(z.string(), z.unknown()),
});
const signature = { at: z.number(), keyId: z.string(), signature: z.string() };

const shape = z.strictObject({
  format: z.literal(FORMAT),
  incident: z.string(),
  entries: z.array(z.union([z.strictObject({ hash, entry }), z.strictObject({ hash, line: z.string() })])),
  checkpoints: z.array(
    z.looseObject({
      format: z.literal("tourniquet-checkpoint/1"),
      incident: z.string(),
      seq: z.number(),
      head: z.string(),
      ...signature,
    }),
  ),
  keys: z.array(z.strictObject({ keyId: z.string(), pem: z.string() })),
  attachments: z.array(z.strictObject({ name: z.string(), sha256: z.string(), content: z.unknown() })),
  statement: z
    .looseObject({
      format: z.literal("tourniquet-statement/1"),
      incident: z.string(),
      entries: z.number(),
      head: z.string(),
      checkpoints: z.string(),
      keys: z.string(),
      attachments: z.string(),
      ...signature,
    })
    .optional(),
});

export type ReadBundle =
  | { is: "bundle"; bundle: Omit<Bundle, "statement"> & { statement?: Bundle["statement"] | undefined } }
  /** It was a ledger once. */
  | { is: "damaged"; how: string }
  | { is: "no-ledger"; why: string };

/** Tells a ledger that somebody damaged from a file that never was one. */
export function readBundle(text: string): ReadBundle {
  const isMeant = text.slice(0, 200).includes(`"${FORMAT}"`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const how = `the file is cut off, or no JSON any more: ${(error as Error).message}`;
    return isMeant ? { is: "damaged", how } : { is: "no-ledger", why: "it is not JSON" };
  }
  const read = shape.safeParse(value);
  if (read.success) return { is: "bundle", bundle: read.data as unknown as Bundle };
  const [issue] = read.error.issues;
  const where = issue ? `${placeOf(issue.path) || "the file"}: ${issue.message}` : "";
  return isMeant
    ? { is: "damaged", how: `not as an export writes it, ${where}` }
    : { is: "no-ledger", why: `it does not say "${FORMAT}"` };
}

/** Entries and checkpoints count from 1, as people do. */
function placeOf(path: readonly PropertyKey[]): string {
  const [list, index, ...rest] = path;
  if (typeof index !== "number") return path.join(".");
  const name = { entries: "entry", checkpoints: "checkpoint", keys: "key", attachments: "attachment" }[String(list)];
  return [`${name ?? String(list)} ${index + 1}`, ...rest.slice(0, 2)].join(", ");
}
