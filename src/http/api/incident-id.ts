import { z } from "zod";

/** What our ids look like; anything else cannot name an incident and is not asked of the store. */
export const incidentParams = z.object({
  id: z
    .string()
    .regex(/^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/)
    .meta({ example: "inc-0-3f2a9c117d10-1" }),
});

export const noSuchIncident = { kind: "no-such-incident", detail: "There is no incident of this id." } as const;
