import { z } from "zod";
import { roles } from "../../../incident/credentials.ts";
import { time } from "./time.ts";

/** Who asks, and until when. */
export const sessionShape = z
  .object({
    role: z.enum(roles),
    name: z.string().nullable().meta({ description: "null: a token of the environment, which has no person" }),
    csrfToken: z.string().nullable(),
    idleUntil: time.nullable(),
    endsAt: time.nullable(),
  })
  .meta({ id: "Session" });
