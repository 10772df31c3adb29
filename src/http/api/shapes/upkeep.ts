import { z } from "zod";
import { errorCodes } from "../../../errors.ts";
import { channels } from "../../../incident/escalation.ts";

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
