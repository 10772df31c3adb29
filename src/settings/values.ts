import { z } from "zod";
import { type Money, parseMoney } from "../incident/money.ts";

/** The kinds of values a settings file has. Each says how to mend it and never repeats what stands there. */
export const DAY_MS = 86_400_000;

export const wholeNumber = (least: number, most: number) => {
  const sentence = `must be a whole number from ${least} to ${most}`;
  return z.int(sentence).min(least, sentence).max(most, sentence);
};
export const numberBetween = (least: number, most: number) => {
  const sentence = `must be a number from ${least} to ${most}`;
  return z.number(sentence).min(least, sentence).max(most, sentence);
};
export const share = numberBetween(0, 1);
export const lengthMs = wholeNumber(1, DAY_MS);
export const yesOrNo = z.boolean("must be true or false");
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `must be one of ${values.join(", ")}`);
export const textLine = (what: string) =>
  z
    .string(`must be ${what}, as text; put it in quotes if it looks like a number`)
    .trim()
    .min(1, `must be ${what}`)
    .max(200, "must be at most 200 characters");

/** Milliseconds since 1970, from an ISO time with its zone. */
export const timeWithZone = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, such as "2026-11-22T02:47:00Z"' })
  .transform((text) => Date.parse(text));

/** Amounts are read exactly; "500.00" in quotes and 500 without both work. */
export const amount = z
  .custom((value) => (parseMoney(value) ?? -1n) >= 0n, 'must be an amount of money, such as "500.00"')
  .transform((value): Money => parseMoney(value)!);

/** Unknown keys are mistakes: a misspelt threshold would otherwise protect nobody. */
export function section<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not known here; known are: ${known}`
        : `must be a section with keys out of: ${known}`,
  });
}
export function named<V extends z.ZodType>(value: V, name: z.ZodType<string, string>, by = "agent id") {
  return z.record(name, value, {
    error: (issue) =>
      issue.code === "invalid_key" ? issue.issues[0]?.message : `must be a section with one key per ${by}`,
  });
}
export const list = <V extends z.ZodType>(value: V) => z.array(value, "must be a list (lines that begin with a dash)");
