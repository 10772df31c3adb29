import type { Redis } from "ioredis";
import { TourniquetError } from "../errors.ts";
import { type RedisConnection, redisError } from "./connection.ts";
import type { Key } from "./keys.ts";
import { findNode, nodeOf, ourNodes } from "./nodes.ts";

/** Within it a replica of the same site has long answered; a caller who waits for its 202 can spare it. */
const WAIT_MS = 500;
/**
 * For so long after a wait in vain nobody who may go on without replicas waits for them, and who may not waits briefly: the
 * connection takes nothing else meanwhile, and what comes in must still be stored and worked while no replica is there.
 */
const SPARED_MS = 5_000;
const BRIEF_WAIT_MS = 25;

/**
 * What Redis answered is on the disk of one machine. Where others stand ready to take its place, what was answered to somebody
 * must be on them too, or a failover takes it back (guarantees.md, conclusion 8).
 */
export interface Replicas {
  /**
   * Call it before a write, and what it answers after that write was answered. must: throws redis-unavailable unless the
   * replicas have it. may: gives them the time, and goes on: nobody's agent runs free because a replica is away. Answers
   * whether they are known to have it.
   */
  watch(tag: Key): { must(): Promise<void>; may(): Promise<boolean> };
}

interface Rounds {
  /** The WAIT under way: the connection takes nothing else meanwhile. */
  current: Promise<unknown>;
  /** The one after it, which those who come now share. */
  next: Promise<number> | null;
  /** When the replicas had their full time for the last time, in vain. */
  failedAt: number;
}

/** count: how many replicas must have it; 0 asks nobody. */
export function createReplicas(redis: RedisConnection, count: number): Replicas {
  const rounds = new WeakMap<Redis, Rounds>();
  const roundsOf = (node: Redis): Rounds => {
    const known = rounds.get(node) ?? { current: Promise.resolve(), next: null, failedAt: Number.NEGATIVE_INFINITY };
    rounds.set(node, known);
    return known;
  };
  return {
    watch(tag) {
      if (count === 0) return { must: nothing, may: async () => true };
      const node = nodeOf(redis, tag);
      const { stream } = node;
      // WAIT counts what its own connection has written: over another one it would confirm what it knows nothing of.
      const isSame = () => node.stream === stream && findNode(redis, tag) === node;
      const must = async () => {
        const round = isSame() ? await nextRound(node, roundsOf(node), count) : 0;
        if (round >= count && isSame()) return;
        throw new TourniquetError(
          "redis-unavailable",
          `${round} of ${count} replicas of Redis have confirmed the write`,
        );
      };
      const may = async () => {
        if (isSpared(roundsOf(node)) || !isSame()) return false;
        return (await nextRound(node, roundsOf(node), count).catch(() => 0)) >= count && isSame();
      };
      return { must, may };
    },
  };
}

const isSpared = ({ failedAt }: Rounds): boolean => performance.now() - failedAt < SPARED_MS;

/** For what may be written at any master of ours; as `may`, and never throws. */
export function watchEverywhere(
  replicas: Replicas,
  redis: RedisConnection,
  partitions: number,
): () => Promise<boolean> {
  try {
    const watched = [...ourNodes(redis, partitions).values()].map((tag) => replicas.watch(tag));
    return async () => (await Promise.all(watched.map(({ may }) => may()))).every((isThere) => isThere);
  } catch (error) {
    if (!(error instanceof TourniquetError)) throw error;
    return async () => false;
  }
}

/** One WAIT for all who were answered since the last one began. */
function nextRound(node: Redis, rounds: Rounds, count: number): Promise<number> {
  rounds.next ??= rounds.current.then(async () => {
    const isBrief = isSpared(rounds);
    const round = node.wait(count, isBrief ? BRIEF_WAIT_MS : WAIT_MS);
    rounds.current = round.catch(nothing);
    rounds.next = null;
    try {
      const confirmed = await round;
      if (confirmed >= count) rounds.failedAt = Number.NEGATIVE_INFINITY;
      else if (!isBrief) rounds.failedAt = performance.now();
      return confirmed;
    } catch (error) {
      rounds.failedAt = performance.now();
      throw redisError(error);
    }
  });
  return rounds.next;
}

const nothing = async () => undefined;
