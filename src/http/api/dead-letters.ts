import { z } from "zod";
import { type DeadLetters, deadQueues } from "../../incident/dead-letter.ts";
import { presentDeadLetter } from "../../incident/present-dead-letter.ts";
import { listing, replayOrder, replayOrderOf } from "../../incident/replay-order.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { deadLetterHistoryShape, deadLetterShape, queue, replayedShape } from "./shapes/dead-letter.ts";
import { next } from "./shapes/page.ts";
import { count } from "./shapes/time.ts";

export interface DeadLettersApiPorts {
  deadLetters: DeadLetters;
}

const read = { method: "get", tag: "dead letters", role: "viewer" } as const;

/** /api/dead-letters (O4): jobs that failed for good, one with its whole history, and their replay. */
export const deadLetterEndpoints: readonly Endpoint<DeadLettersApiPorts>[] = [
  endpoint({
    ...read,
    path: "/api/dead-letters",
    id: "listDeadLetters",
    summary: "Jobs that failed for good, newest first",
    query: listing,
    answers: {
      200: {
        what: "a page of them; it may be empty and not the last, since a filter looks at so many at a time",
        body: z.object({ deadLetters: z.array(deadLetterShape), examined: count, next }),
      },
    },
    async act({ deadLetters }: DeadLettersApiPorts, { query: { limit, after, ...filter } }) {
      const page = await deadLetters.list(filter, limit, after);
      return reply(200, { ...page, deadLetters: page.deadLetters.map(presentDeadLetter) });
    },
  }),
  endpoint({
    method: "post",
    path: "/api/dead-letters/replay",
    id: "replayDeadLetters",
    tag: "dead letters",
    summary: "Give them back to their queues; what was done is not done again",
    description: "One by its `id`, or those a filter finds; `dryRun` only says which.",
    role: "admin",
    body: replayOrder,
    isDryRun: ({ dryRun }) => dryRun === true,
    problems: [404],
    answers: { 200: { what: "what became of each", body: replayedShape } },
    async act({ deadLetters }: DeadLettersApiPorts, { body }) {
      const order = replayOrderOf(body);
      return reply(200, { dryRun: order.dryRun, ...(await deadLetters.replay(order)) });
    },
  }),
  endpoint({
    ...read,
    path: "/api/dead-letters/{queue}/{id}",
    id: "showDeadLetter",
    summary: "One with its whole history: attempts, stack traces, replays",
    params: z.object({ queue, id: z.string() }),
    unknown: { kind: "no-such-job", detail: "There is no job of this id in this queue." },
    answers: { 200: { what: "the job", body: deadLetterHistoryShape } },
    async act({ deadLetters }: DeadLettersApiPorts, { params }) {
      const found = await deadLetters.show(deadQueues.find((name) => name === params.queue)!, params.id);
      return found && reply(200, presentDeadLetter(found));
    },
  }),
];
