import { z } from "zod";
import { TourniquetError } from "../../errors.ts";
import type { Tuning } from "../../incident/tuning.ts";
import { person } from "../../incident/who-and-why.ts";
import { decideTuning, type LearnPorts } from "./tuning.ts";

const order = z.strictObject({ by: person.by, reason: person.reason });

export type Verb = "approve" | "reject" | "withdraw";
const states = { approve: "approved", reject: "rejected", withdraw: "withdrawn" } as const;

/**
 * A person approves or rejects a proposal, or takes back what was approved. Throws input-invalid naming every mistake,
 * not-found, and conflict where it is in no state for it.
 */
export async function orderTuning(
  ports: Pick<LearnPorts, "tunings" | "incidents" | "log">,
  id: string,
  verb: Verb,
  said: unknown,
): Promise<Tuning> {
  const { data, error } = order.safeParse(said ?? {});
  if (data === undefined) {
    const mistakes = error.issues.map(({ path, message }) => ({ field: path.join(".") || "body", problem: message }));
    const named = mistakes.map(({ field, problem }) => `${field} ${problem}`).join("; ");
    throw new TourniquetError("input-invalid", `That has mistakes: ${named}.`, { mistakes });
  }
  const decided = await decideTuning(ports, id, { to: states[verb], ...data });
  if (decided === null) throw new TourniquetError("not-found", `There is no tuning ${id.slice(0, 80)}.`);
  if (!decided.changed) {
    const needed = verb === "withdraw" ? "in force" : "open";
    throw new TourniquetError("conflict", `${id} is not ${needed}: it is ${decided.tuning.state}.`);
  }
  return decided.tuning;
}
