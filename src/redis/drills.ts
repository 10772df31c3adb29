import { BEAT_WITHIN_MS, type DrillOrder, type DrillResult, type DrillRun, type Drills } from "../incident/drills.ts";
import { jsonText } from "../incident/well-formed.ts";
import { type RedisConnection, redisError, runScript } from "./connection.ts";
import { fleetTag, keys } from "./keys.ts";
import { pageOfNewest } from "./newest.ts";

/** Years of a drill a week. */
const MOST_KEPT = 500;

/** Drills belong to no partition. */
export function createDrills(redis: RedisConnection): Drills {
  const reading = <T>(promise: Promise<T>) => promise.catch((error) => Promise.reject(redisError(error)));
  const tell = (id: string, what: "beat" | "result" | "end", more = "") =>
    runScript(redis, "tellDrill", fleetTag(), [id, what, BEAT_WITHIN_MS, more]);
  const load = async (id: string): Promise<DrillRun | null> => {
    const [found, [seconds]] = await Promise.all([reading(redis.hgetall(keys.drill(id))), reading(redis.time())]);
    return readRun(id, found, Number(seconds) * 1000);
  };
  return {
    async begin(order, { isAlone }) {
      const args = [jsonText(order), isAlone ? "1" : "0", BEAT_WITHIN_MS, MOST_KEPT];
      const [answer, id] = await runScript<["begun" | "busy", string]>(redis, "beginDrill", fleetTag(), args);
      return { answer, id };
    },
    async beat(id) {
      await tell(id, "beat");
    },
    async record(id, result) {
      await tell(id, "result", jsonText(result));
    },
    async end(id, state, problem) {
      await tell(id, "end", jsonText({ state, problem }));
    },
    load,
    page: (which) =>
      pageOfNewest(redis, [keys.drills()], which, (places) => Promise.all(places.map(({ id }) => load(id)))),
  };
}

/** Null for one that is forgotten. Who fell silent has died, and nobody will say so any more. */
function readRun(id: string, found: Readonly<Record<string, string>>, now: number): DrillRun | null {
  if (found.said === undefined) return null;
  const results = Object.entries(found)
    .filter(([field]) => field.startsWith("result:"))
    .sort(([a], [b]) => Number(a.slice(7)) - Number(b.slice(7)))
    .map(([, text]) => JSON.parse(text) as DrillResult);
  const isSilent = now - Number(found.beatAt) > BEAT_WITHIN_MS;
  const silent = { state: isSilent ? "interrupted" : "running", problem: isSilent ? DIED : null };
  const end = (found.end ? JSON.parse(found.end) : silent) as Pick<DrillRun, "state" | "problem">;
  return {
    id,
    ...(JSON.parse(found.said) as DrillOrder),
    ...end,
    startedAt: Number(found.startedAt),
    endedAt: found.endedAt ? Number(found.endedAt) : isSilent ? Number(found.beatAt) : null,
    results,
  };
}

const DIED = "whoever ran it ended in the midst of it";
