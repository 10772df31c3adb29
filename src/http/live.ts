import type { ServerResponse } from "node:http";
import { describeError } from "../errors.ts";
import type { Changes, ReadUntil } from "../incident/changes.ts";
import type { Log } from "../incident/ports.ts";
import { within } from "./deadline.ts";
import { event, eventsOf, heartbeat, idOf, openingOf, readId } from "./live-events.ts";
import { openStream, type Stream } from "./live-stream.ts";
import { type Problem, sendProblem } from "./problem.ts";

export interface LivePorts {
  changes: Pick<Changes, "now" | "since">;
  log: Log;
}

export const liveLimits = {
  /** One read of Redis a process, whatever the number of streams; none while there is no stream. */
  pollMs: 1_000,
  /** Keeps proxies from taking the stream for dead. */
  heartbeatMs: 15_000,
  /** Then a stream ends, and its client comes back with the id it has: who may no longer look, looks no longer than this. */
  lifetimeMs: 600_000,
  mostStreams: 200,
  /** Of one credential, so that no single one leaves nothing for the others. */
  mostOfOne: 20,
  /** A client that leaves so much unread is cut; it comes back with the id it has. */
  mostUnreadBytes: 65_536,
  /** Redis takes longer than this: what is shown may be old. */
  answerMs: 3_000,
};

/** What goes on, told to browsers while it goes on (O3): server-sent events, as live-events.ts writes them. */
export interface Live {
  /** Takes over the response. after: the Last-Event-ID of a client that comes back. whose: the credential that listens. */
  open(res: ServerResponse, after: string | undefined, whose: string): Promise<void>;
  streams(): number;
  /** Ends every stream at once, and takes no other. */
  close(): void;
}

type Found = Awaited<ReturnType<Changes["since"]>>;

/** Opens nothing by itself: it reads Redis only while somebody listens. */
export function createLive(ports: LivePorts, limits = liveLimits): Live {
  const streams = new Map<Stream, string>();
  let until: ReadUntil | null = null;
  let timer: NodeJS.Timeout | undefined;
  let toldAt = 0;
  let [isStale, isClosed] = [false, false];

  const tell = (text: string) => {
    toldAt = performance.now();
    for (const stream of streams.keys()) stream.send(text);
  };
  const beat = (text: string) => {
    if (performance.now() - toldAt >= limits.heartbeatMs) tell(text);
  };
  const look = async () => {
    const found = await within(limits.answerMs, read(ports.changes, until));
    const isWhole = found.isWhole && !isStale;
    if (isStale) ports.log.info({ streams: streams.size }, "live.back");
    [until, isStale] = [found.until, false];
    if (!isWhole) tell(event("resync", {}, idOf(found.until)));
    else if (found.changes.length > 0) tell(eventsOf(found));
    else beat(heartbeat(idOf(found.until)));
  };
  const lost = (error: unknown) => {
    if (isStale) return beat(heartbeat());
    ports.log.warn({ ...describeError(error), streams: streams.size }, "live.stale");
    isStale = true;
    tell(event("stale", {}));
  };
  const poll = async () => {
    const startedAt = performance.now();
    await look().catch(lost);
    for (const stream of streams.keys()) stream.endIfOld();
    const goesOn = streams.size > 0 && !isClosed;
    timer = goesOn ? setTimeout(poll, Math.max(0, limits.pollMs - (performance.now() - startedAt))) : undefined;
  };
  const begin = () => {
    if (timer !== undefined) return;
    // Nobody listened until now: how far was read then is of no use any more.
    [until, isStale] = [null, false];
    timer = setTimeout(poll, limits.pollMs);
  };
  return {
    streams: () => streams.size,
    async open(res, after, whose) {
      if (isClosed || streams.size >= limits.mostStreams) return sendProblem(res, tooManyStreams);
      const own = [...streams.values()].filter((one) => one === whose);
      if (own.length >= limits.mostOfOne) return sendProblem(res, tooManyOfOne(limits.mostOfOne));
      // Before anything is read for it: what the poll finds meanwhile waits until the stream has begun.
      const stream = openStream(res, limits, () => streams.delete(stream));
      streams.set(stream, whose);
      begin();
      try {
        const missed = await within(limits.answerMs, read(ports.changes, readId(after)));
        until ??= missed.until;
        stream.begin(openingOf(missed));
      } catch (error) {
        lost(error);
        stream.begin(event("stale", {}));
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const stream of streams.keys()) stream.end();
    },
  };
}

/** from null: only how far there is to read. */
async function read(changes: LivePorts["changes"], from: ReadUntil | number | null): Promise<Found> {
  return from === null ? { changes: [], until: await changes.now(), isWhole: true } : changes.since(from);
}

const tooManyStreams: Problem = {
  status: 503,
  kind: "too-many-streams",
  detail: "This process tells as many listeners as it can: ask again later, or read what you need without /api/live.",
  headers: { "retry-after": "10" },
};

const tooManyOfOne = (most: number): Problem => ({
  ...tooManyStreams,
  detail: `One token or login has ${most} listeners at most, and this one has them: end one, or ask again later.`,
});
