import { z } from "zod";

/** ISO 8601 in UTC, as every answer writes times. */
export const time = z.string().meta({ format: "date-time", example: "2026-03-14T02:47:00.000Z" });

/** Money as a decimal string: JSON numbers would round it. */
export const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: "decimal string", example: "500.00" });

export const count = z.int().nonnegative();

/** A time as a query or a body says it; read as milliseconds since 1970. */
export const timeSaid = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-11-22T02:47:00Z" })
  .transform((text) => Date.parse(text));
