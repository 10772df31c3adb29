import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { type DeadLetterFilter, deadQueues, type ReplayOrder } from "./dead-letter.ts";
import { inOneLine, mistakesOf } from "./mistakes.ts";
import { person } from "./who-and-why.ts";

/** What may be said over HTTP and on the command line of dead letters; both name every mistake at once. */
const line = (what: string, most = 200) =>
  z.string(`must be ${what}`).trim().min(1, `must be ${what}`).max(most, `must be at most ${most} characters`);
const time = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-11-22T02:47:00Z" })
  .transform((text) => Date.parse(text));
const upTo = (most: number, usual: number) => {
  const sentence = `must be a whole number from 1 to ${most}`;
  return z.coerce.number(sentence).int(sentence).min(1, sentence).max(most, sentence).default(usual);
};

const filter = {
  id: line("a job's id", 300).optional(),
  queue: z.enum(deadQueues, `must be one of ${deadQueues.join(", ")}`).optional(),
  agent: line("an agent's id").optional(),
  type: line("a type of event or a kind of job").optional(),
  since: time.optional(),
  until: time.optional(),
};

/** GET /api/dead-letters. */
export const listing = z.strictObject({
  ...filter,
  limit: upTo(500, 50),
  after: line("`next` of the page before", 400).optional(),
});

/** POST /api/dead-letters/replay. */
export const replayOrder = z.strictObject({
  ...filter,
  limit: upTo(1_000, 100),
  dryRun: z.boolean("must be true or false").default(false),
  by: person.by,
  reason: person.reason,
});

/** Throws input-invalid whose `detail.mistakes` names every field that is wrong. */
export function readListing(said: unknown): { filter: DeadLetterFilter; limit: number; after: string | undefined } {
  const { limit, after, ...rest } = parsed(listing, said);
  return { filter: rest, limit, after };
}

/** The same; and as `replayOrderOf`. */
export function readReplayOrder(said: unknown): ReplayOrder {
  return replayOrderOf(parsed(replayOrder, said));
}

/** Throws input-invalid for an order that says nothing of what it is for: everything at once is no one's intention. */
export function replayOrderOf({ limit, dryRun, by, reason, ...rest }: z.output<typeof replayOrder>): ReplayOrder {
  if (Object.values(rest).every((value) => value === undefined)) {
    const problem = "must be said, or a filter: queue, agent, type, since or until";
    throw new TourniquetError("input-invalid", `Say which to replay: id ${problem}.`, {
      mistakes: [{ field: "id", problem }],
    });
  }
  return { filter: rest, limit, dryRun, by, reason };
}

function parsed<S extends z.ZodType>(schema: S, said: unknown): z.output<S> {
  const { data, error } = schema.safeParse(said ?? {});
  if (data !== undefined) return data;
  const mistakes = mistakesOf(error!.issues);
  throw new TourniquetError("input-invalid", `That has mistakes: ${inOneLine(mistakes)}.`, { mistakes });
}
