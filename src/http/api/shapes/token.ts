import { z } from "zod";
import { roles } from "../../../incident/credentials.ts";
import { time } from "./time.ts";

/** A personal token, without what opens anything. */
export const tokenShape = z
  .strictObject({
    id: z.string().meta({ example: "tok-3f9a1c22b7d0" }),
    name: z.string(),
    role: z.enum(roles),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time.nullable(),
    isExpired: z.boolean(),
    lastUsedOn: z.string().nullable().meta({ description: "the day, in UTC", example: "2026-11-22" }),
  })
  .meta({ id: "PersonalToken" });
