import { z } from "zod";

/** ISO 8601 in UTC, as every answer writes times. */
export const time = z.string().meta({ format: "date-time", example: "2026-03-14T02:47:00.000Z" });
