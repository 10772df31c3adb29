import { z } from "zod";
import { tuningStates } from "../../../incident/tuning.ts";
import { time } from "./time.ts";

export const tuningShape = z
  .object({
    id: z.string(),
    agentId: z.string(),
    path: z.string().meta({ description: "within the agent's thresholds", example: "costAnomaly.sigmas" }),
    direction: z.enum(["tighter", "looser"]),
    from: z.number(),
    to: z.number(),
    fileValue: z.number().meta({ description: "what the settings file, or the default, said when it was proposed" }),
    incidentId: z.string(),
    reason: z.string(),
    madeAt: time,
    state: z.enum(tuningStates),
    decidedBy: z.string().nullable(),
    decidedAt: time.nullable(),
    decidedBecause: z.string().nullable(),
  })
  .meta({ id: "Tuning" });
