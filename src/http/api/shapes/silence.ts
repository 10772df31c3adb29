import { z } from "zod";
import { signalKinds } from "../../../incident/signal.ts";
import { count, time } from "./time.ts";

/** P6. */
export const silenceShape = z
  .object({
    id: z.string(),
    owner: z.string(),
    reason: z.string(),
    state: z.enum(["coming", "active", "expired"]),
    agent: z.string().nullable().meta({ description: "null: any" }),
    signal: z.enum(signalKinds).nullable().meta({ description: "null: any" }),
    from: time.nullable().meta({ description: "null: from ever, as one of the settings file" }),
    until: time,
    holdsContainment: z.boolean(),
    heldBack: count.meta({ description: "how many signals, each once" }),
  })
  .meta({ id: "Silence" });
