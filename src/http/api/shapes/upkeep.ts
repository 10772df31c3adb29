import { z } from "zod";
import { errorCodes } from "../../../errors.ts";
import { channels } from "../../../incident/escalation.ts";
import { count } from "./time.ts";

const channel = z.enum(channels);

export const testResultShape = z
  .discriminatedUnion("isTold", [
    z.object({
      channel,
      isTold: z.literal(true),
      answerId: z.string().nullable().meta({ description: "what the receiver calls it" }),
    }),
    z.object({
      channel,
      isTold: z.literal(false),
      error: z.object({ code: z.enum(errorCodes), message: z.string() }),
    }),
  ])
  .meta({ id: "TestPageResult" });

const answer = z.enum(["yes", "no", "unknown"]);

export const keysCheckedShape = z
  .object({
    isFit: z.boolean(),
    keys: z.array(
      z.object({
        name: z.string().meta({ description: "containment, or the agent it is for" }),
        from: z.string().meta({ description: "where it is read from; never the key" }),
        agents: z.array(z.string()),
        reads: z.array(z.string()).meta({ description: "agents whose budget it could read, of those that were tried" }),
        mayWrite: answer,
        isAdmin: answer,
        problems: z.array(z.string()),
        notes: z.array(z.string()),
      }),
    ),
    withoutKey: z.array(z.string()).meta({ description: "agents that no key acts for" }),
  })
  .meta({ id: "KeysChecked" });

const state = z.enum(["ok", "warn", "fail"]);

export const diagnosisShape = z
  .object({
    isReady: z.boolean().meta({ description: "nothing failed" }),
    counts: z.record(state, count),
    findings: z
      .array(
        z.object({
          id: z.string(),
          section: z.enum(["detection", "containment", "recovery", "forensics", "platform", "people"]),
          title: z.string().meta({ description: "what has to hold" }),
          state,
          found: z.string(),
          mend: z.string().nullable().meta({ description: "how to mend it; null: nothing is to mend" }),
          lines: z.array(z.string()).readonly().optional(),
          detail: z.unknown().optional().meta({ description: "the same for machines; each item has its own" }),
          tookMs: count,
        }),
      )
      .readonly(),
  })
  .meta({ id: "Diagnosis" });
