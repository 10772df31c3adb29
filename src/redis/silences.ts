import { randomUUID } from "node:crypto";
import { type Silence, type Silences, type SilenceView, stateOf } from "../incident/silence.ts";
import { jsonText } from "../incident/well-formed.ts";
import { markChanged } from "./changes.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";

/** So long an expired one is still shown. */
const SHOWN_MS = 86_400_000;

/** Silences belong to no partition: one may be about every agent. */
export function createSilences(redis: RedisConnection): Silences {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const all = async (): Promise<{ now: number; silences: Silence[] }> => {
    const [now, ...found] = await runScript<[number, ...string[]]>(redis, "currentSilences", fleetTag(), []);
    return { now, silences: found.map(readSilence) };
  };
  const view = async (silence: Silence, now: number): Promise<SilenceView> => ({
    ...silence,
    state: stateOf(silence, now),
    heldBack: await reading(redis.pfcount(keys.heldBack(silence.id))),
  });
  return {
    async current() {
      const { now, silences } = await all();
      return { now, silences: silences.filter(({ until }) => now < until) };
    },
    async add(said) {
      const silence = { ...said, id: `sil-${randomUUID().slice(0, 8)}` };
      await reading(redis.hset(keys.silences(), silence.id, jsonText(silence)));
      await markChanged(redis, "fleet");
      return silence;
    },
    async end(id) {
      return (await runScript<number>(redis, "endSilence", fleetTag(), [id])) === 1;
    },
    async list(fromFile) {
      const { now, silences } = await all();
      const shown = [...fromFile, ...silences].filter(({ until }) => now - until < SHOWN_MS);
      return Promise.all(shown.sort((a, b) => b.until - a.until).map((silence) => view(silence, now)));
    },
    async heldBack({ id, until }, signalId) {
      await reading(
        redis
          .multi()
          .pfadd(keys.heldBack(id), signalId)
          .pexpireat(keys.heldBack(id), until + 2 * SHOWN_MS)
          .exec(),
      );
    },
    async newlyEnded(fromFile) {
      const { now, silences } = await all();
      const old = silences.filter(({ until }) => now - until >= SHOWN_MS);
      if (old.length > 0) await reading(redis.hdel(keys.silences(), ...old.map(({ id }) => id)));
      const ended = [...fromFile, ...silences].filter(({ until }) => until <= now && now - until < SHOWN_MS);
      const told = await Promise.all(
        ended.map(({ id }) => reading(redis.set(keys.silenceEnded(id), "1", "PX", 2 * SHOWN_MS, "NX"))),
      );
      return Promise.all(ended.filter((_, index) => told[index] === "OK").map((silence) => view(silence, now)));
    },
  };
}

/** What JSON leaves out is undefined. */
function readSilence(text: string): Silence {
  const silence = JSON.parse(text) as Omit<Silence, "agent" | "signal"> & Partial<Silence>;
  return { ...silence, agent: silence.agent, signal: silence.signal };
}
