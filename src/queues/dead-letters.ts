import type { Job, Queue } from "bullmq";
import { TourniquetError } from "../errors.ts";
import {
  causeOf,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetters,
  type DeadQueue,
  deadQueues,
  type JobState,
  kindOf,
  type Replay,
  type ReplayOrder,
  type ReplayResult,
} from "../incident/dead-letter.ts";
import { type AboutPorts, aboutOf } from "./dead-letter-about.ts";
import type { Queues } from "./dispatch.ts";
import { type Died, newestDead, placeOf, readPlace } from "./newest-dead.ts";
import { type ReplayPorts, replayOne } from "./replay.ts";

export type DeadLetterPorts = AboutPorts & ReplayPorts & { queues: Queues };

/** Looked at in one call, whatever the filter leaves of them; `next` goes on from there. */
const EXAMINED = 2_000;
const AT_ONCE = 25;

/** A job of one queue and partition, by its id. */
export interface Place {
  queue: DeadQueue;
  partition: number;
  bull: Queue;
}

/** Dead letters are the failed jobs of BullMQ itself (O4), of every queue but `watch`, in every partition. */
export function createDeadLetters(ports: DeadLetterPorts): DeadLetters {
  const places = ports.queues.all().flatMap(({ queue, partition, bull }): Place[] => {
    const dead = deadQueues.find((name) => name === queue);
    return dead ? [{ queue: dead, partition, bull }] : [];
  });
  const of = (queue: DeadQueue | undefined) => places.filter((place) => queue === undefined || place.queue === queue);
  const list: DeadLetters["list"] = (filter, limit, after) =>
    filter.id === undefined
      ? listAll(ports, of(filter.queue), filter, limit, after)
      : listOne(ports, of(filter.queue), { ...filter, id: filter.id });
  return {
    list,
    async show(queue, id) {
      const [found] = await jobsOf(of(queue), id);
      if (found) {
        const { logs } = await found.place.bull.getJobLogs(id, 0, 100);
        const { data, stacktrace } = found.job;
        return { ...(await present(ports, found)), data, stacks: stacktrace ?? [], logs };
      }
      return gone(ports, of(queue), id);
    },
    async replay(order, onProgress = () => undefined) {
      const found = await candidates(list, order.filter, order.limit, of(order.filter.queue));
      const results: ReplayResult[] = [];
      for (let from = 0; from < found.ids.length; from += AT_ONCE) {
        const chunk = found.ids.slice(from, from + AT_ONCE);
        results.push(
          ...(await Promise.all(chunk.map(({ queue, id }) => replayById(ports, of(queue), queue, id, order)))),
        );
        onProgress(results.length, found.ids.length);
      }
      return { results, more: found.more };
    },
  };
}

async function listAll(
  ports: DeadLetterPorts,
  places: readonly Place[],
  filter: DeadLetterFilter,
  limit: number,
  after: string | undefined,
) {
  const found: { letter: DeadLetter; died: Died }[] = [];
  let examined = 0;
  let chunk: Died[] = [];
  const look = async () => {
    const letters = await Promise.all(chunk.map(async (died) => ({ died, letter: await load(ports, places, died) })));
    found.push(...letters.flatMap(({ died, letter }) => (letter && matches(letter, filter) ? [{ died, letter }] : [])));
    examined += chunk.length;
  };
  const page = (next: Died | undefined) => ({
    deadLetters: found.slice(0, limit).map(({ letter }) => letter),
    examined,
    next: next ? placeOf(next) : null,
  });
  for await (const died of newestDead(ports.replays, places, filter, after === undefined ? null : readPlace(after))) {
    // One more than fits: only so it is known whether there is a next page.
    if (found.length > limit) return page(found[limit - 1]?.died);
    if (examined >= EXAMINED) return page(chunk.at(-1));
    if (chunk.length === AT_ONCE) chunk = [];
    chunk.push(died);
    if (chunk.length === AT_ONCE) await look();
  }
  if (chunk.length < AT_ONCE) await look();
  return page(found.length > limit ? found[limit - 1]?.died : undefined);
}

/** One id may stand in several queues: an event's is that of its freeze and of its judgement. */
async function listOne(
  ports: DeadLetterPorts,
  places: readonly Place[],
  filter: DeadLetterFilter & { id: string },
): Promise<Awaited<ReturnType<DeadLetters["list"]>>> {
  const found = await jobsOf(places, filter.id);
  const letters = await Promise.all(found.map((one) => present(ports, one)));
  const deadLetters = letters.filter((letter) => letter.state === "failed" && matches(letter, filter));
  return { deadLetters, examined: found.length, next: null };
}

function matches(letter: DeadLetter, { agent, type, since, until }: DeadLetterFilter): boolean {
  const at = letter.failedAt ?? 0;
  return (
    (agent === undefined || letter.agentId === agent) &&
    (type === undefined || letter.kind === type || letter.eventType === type) &&
    at >= (since ?? 0) &&
    at <= (until ?? Number.POSITIVE_INFINITY)
  );
}

/** Whose replay is asked for: by its id also what is dead no more, so that it is said; else what the filter finds. */
async function candidates(
  list: DeadLetters["list"],
  filter: DeadLetterFilter,
  limit: number,
  places: readonly Place[],
): Promise<{ ids: readonly { queue: DeadQueue; id: string }[]; more: boolean }> {
  if (filter.id !== undefined) {
    const found = await jobsOf(places, filter.id);
    if (found.length === 0)
      throw new TourniquetError(
        "not-found",
        `no job ${filter.id.slice(0, 200)}: dead-letters list shows what there is`,
      );
    const dead = found.map(({ state }) => state === "failed");
    const ids = found.map(({ place }) => ({ queue: place.queue, id: filter.id! }));
    // Of one id in two queues only what is dead is meant; where neither is, both are told of.
    return { ids: dead.includes(true) ? ids.filter((_, index) => dead[index]) : ids, more: false };
  }
  const ids: { queue: DeadQueue; id: string }[] = [];
  let after: string | undefined;
  do {
    const page = await list(filter, limit - ids.length, after);
    ids.push(...page.deadLetters.map(({ queue, id }) => ({ queue, id })));
    after = page.next ?? undefined;
  } while (after !== undefined && ids.length < limit);
  return { ids, more: after !== undefined };
}

async function replayById(
  ports: DeadLetterPorts,
  places: readonly Place[],
  queue: DeadQueue,
  id: string,
  order: ReplayOrder,
): Promise<ReplayResult> {
  const [one] = await jobsOf(places, id);
  if (!one) return { queue, id, answer: "no-longer-failed", detail: "it is gone" };
  return { queue, id, ...(await replayOne(ports, { ...one, letter: await present(ports, one) }, order)) };
}

interface FoundJob {
  place: Place;
  state: Awaited<ReturnType<Job["getState"]>>;
  job: Job;
}

async function jobsOf(places: readonly Place[], id: string): Promise<FoundJob[]> {
  const found = await Promise.all(places.map((place) => jobAt(place, id)));
  return found.filter((one) => one !== null);
}

/** The state first: a job that fails in between would else be a dead letter without a cause. */
async function jobAt(place: Place, id: string): Promise<FoundJob | null> {
  const state = await place.bull.getJobState(id);
  const job = await place.bull.getJob(id);
  return job ? { place, state, job } : null;
}

/** Null: replayed or forgotten since it was listed. */
async function load(ports: DeadLetterPorts, places: readonly Place[], died: Died): Promise<DeadLetter | null> {
  const place = places.find(({ queue, partition }) => queue === died.queue && partition === died.partition);
  const found = place ? await jobAt(place, died.id) : null;
  const letter = found && (await present(ports, found));
  return letter?.state === "failed" ? letter : null;
}

async function present(ports: DeadLetterPorts, { place, state, job }: FoundJob): Promise<DeadLetter> {
  const id = job.id ?? "";
  const [about, replays] = await Promise.all([
    aboutOf(ports, job.data),
    ports.replays.of(place.partition, place.queue, id),
  ]);
  const isDead = state === "failed";
  const { firstTriedAt } = (job.progress ?? {}) as { firstTriedAt?: number };
  return {
    queue: place.queue,
    id,
    kind: kindOf(place.queue, job.data),
    ...about,
    state: (state === "prioritized" || state === "waiting-children" ? "waiting" : state) as JobState,
    cause: isDead ? causeOf(job.failedReason) : null,
    attempts: job.attemptsMade,
    addedAt: job.timestamp,
    firstTriedAt: firstTriedAt ?? null,
    failedAt: isDead ? (job.finishedOn ?? null) : null,
    replays: replays.map((replay) => asItStands(replay, isDead ? job.finishedOn : undefined)),
  };
}

/** It died once and nobody handed it over since: whoever asked for this replay went away in the middle of it. */
function asItStands(replay: Replay, failedAt: number | undefined): Replay {
  return replay.outcome === "in-hand" && replay.failedAt === failedAt ? { ...replay, outcome: "not-begun" } : replay;
}

/** A job that is forgotten by now, and was replayed. */
async function gone(ports: DeadLetterPorts, places: readonly Place[], id: string) {
  for (const { queue, partition } of places) {
    const replays = await ports.replays.of(partition, queue, id);
    if (replays.length === 0) continue;
    const nobody = { agentId: null, incidentId: null, eventId: null, eventType: null };
    const times = { addedAt: replays[0]!.failedAt, firstTriedAt: null, failedAt: null };
    const job = { kind: queue, state: "gone", cause: null, attempts: 0, data: {}, stacks: [], logs: [] } as const;
    return { queue, id, ...nobody, ...times, ...job, replays };
  }
  return null;
}
