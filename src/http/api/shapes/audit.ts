import { z } from "zod";
import { time } from "./time.ts";

const outcome = z.object({
  result: z.enum(["ok", "refused", "failed"]).meta({
    description: "ok: done, or asked of a worker; refused: nothing was changed; failed: perhaps done in part",
  }),
  detail: z.string(),
  at: time,
});

export const auditedChangeShape = z
  .object({
    number: z.int().meta({ description: "of its entry in the trail" }),
    at: time,
    by: z.string().nullable().meta({ description: "the person, as the credential or the order says" }),
    role: z.string(),
    credential: z.string().meta({ description: "what proved it; never a secret", example: "environment ADMIN_TOKEN" }),
    via: z.enum(["api", "console", "cli"]),
    action: z.string().meta({ description: "the operationId, on the command line too", example: "recoverIncident" }),
    target: z.string().meta({ description: "an incident, an agent; empty where it concerns all" }),
    fields: z.record(z.string(), z.unknown()).meta({ description: "what was ordered, without secrets" }),
    outcome: outcome.nullable().meta({ description: "null: under way, or its process died before it could say" }),
  })
  .meta({ id: "AuditedChange" });
