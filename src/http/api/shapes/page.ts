import { z } from "zod";

const numberUpTo = (most: number, usual: number) => {
  const sentence = `must be a whole number from 1 to ${most}`;
  return z.coerce.number(sentence).int(sentence).min(1, sentence).max(most, sentence).default(usual);
};

/** `limit` of a list, as a query says it. */
export const limitOf = (most: number, usual: number) =>
  numberUpTo(most, usual).meta({ description: `how many at most, up to ${most}` });

/** `after` of a list: where the page before ended. Its form is the store's own. */
export const after = z
  .string()
  .min(1, "must be `next` of the page before")
  .max(400, "must be `next` of the page before")
  .optional()
  .meta({ description: "`next` of the page before; left out: the first page" });

/** The same of a list whose lines are numbered: read as the number. */
export const numberAfter = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, "must be `next` of the page before")
  .transform(Number)
  .optional()
  .meta({ description: "`next` of the page before; left out: the first page" });

/** With every page: where the one after it begins. */
export const next = z.string().nullable().meta({ description: "`after` of the next page; null: there is none" });
