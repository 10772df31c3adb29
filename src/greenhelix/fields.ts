import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { type Money, parseMoney } from "../incident/money.ts";

/**
 * Fields as gateways write them. There is more than one implementation: amounts come as text or number, times as seconds,
 * milliseconds or ISO, and a field may have two names. We read all of them, and refuse what names nothing.
 */
export const amount = z.union([z.string(), z.number()]).transform((value, context): Money => {
  const parsed = parseMoney(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "not an amount of money" });
  return z.NEVER;
});

/** A spend cap: null is uncapped, 0 is frozen, and neither may become the other. */
export const cap = amount.nullable();

export const number = z.union([z.number(), z.string().regex(/^-?\d/).transform(Number)]).pipe(z.number());

export const text = z.union([z.string(), z.number().transform(String)]);

/** An id: never empty, or two rows without one would count as the same row. */
export const id = text.pipe(z.string().min(1));

/** Milliseconds since 1970; undefined where the text tells no time, which is never worth failing a call for. */
export const time = z
  .union([z.string(), z.number()])
  .transform((value) => (typeof value === "number" ? fromUnix(value) : fromText(value)))
  .optional()
  .catch(undefined);

export const record = z.record(z.string(), z.unknown());

/** The first of several names that is present at all; null counts as present. */
export function named(row: Readonly<Record<string, unknown>>, ...names: readonly string[]): unknown {
  return row[names.find((name) => row[name] !== undefined) ?? ""];
}

/** Runs a schema over an answer. Throws gateway-unreadable naming the field, never its value. */
export function readAs<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "the answer";
  throw new TourniquetError(
    "gateway-unreadable",
    `${what}: ${field} cannot be read (${issue?.message ?? "no reason"})`,
    {
      field,
    },
  );
}

/** A list under one of several names, or bare. */
export function listIn(body: unknown, what: string, ...names: readonly string[]): readonly unknown[] {
  if (Array.isArray(body)) return body;
  return readAs(z.array(z.unknown()), named(readAs(record, body, what), ...names), what);
}

/** Before the year 5138 a count of seconds has fewer digits than a count of milliseconds since 1973. */
function fromUnix(value: number): number {
  return Math.round(value < 1e11 ? value * 1000 : value);
}

function fromText(value: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) return fromUnix(Number(value));
  // Some of the gateway's own times have no zone; it means UTC, and Date would take the machine's.
  const zoned = /(z|[+-]\d\d:?\d\d)$/i.test(value) || !value.includes("T") ? value : `${value}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) ? undefined : parsed;
}
