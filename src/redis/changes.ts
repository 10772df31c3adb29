import type { Change, Changes, ReadUntil, Topic } from "../incident/changes.ts";
import { topics } from "../incident/changes.ts";
import { type RedisConnection, runScript } from "./connection.ts";
import { fleetTag, tagKey } from "./keys.ts";

const KEPT_MS = 3_600_000;
/** Of one partition at once: who has missed more is better off reading everything anew. */
const MOST = 500;

/** One small read for each partition and one for the fleet, all in one round trip. */
export function createChanges(redis: RedisConnection, partitions: number): Changes {
  const tags = [fleetTag(), ...Array.from({ length: partitions }, (_, partition) => tagKey(partition))];
  const read = (from: (index: number) => number | "") =>
    Promise.all(
      tags.map((tag, index) =>
        runScript<[number, ...string[]]>(redis, "readChanges", tag, [from(index), KEPT_MS, MOST]),
      ),
    );
  return {
    mark: (topic) => markChanged(redis, topic),
    async now() {
      return (await read(() => "")).map(([now]) => now);
    },
    async since(from) {
      const asked = tags.map((_, index) => (typeof from === "number" ? from : (from[index] ?? 0)));
      const replies = await read((index) => asked[index]!);
      const found = replies.map(([, ...flat]) => readChanges(flat));
      const until: ReadUntil = replies.map(([now]) => now);
      return {
        changes: found.flatMap((changes) => changes.slice(0, MOST)).sort((a, b) => a.at - b.at),
        until,
        isWhole: found.every(({ length }) => length <= MOST) && until.every((now, i) => asked[i]! >= now - KEPT_MS),
      };
    },
  };
}

/** For stores whose change is no script of theirs. */
export async function markChanged(redis: RedisConnection, topic: Topic): Promise<void> {
  await runScript(redis, "markChanged", fleetTag(), [topic]);
}

/** A name that is no topic is an incident's id. */
function readChanges(flat: readonly string[]): Change[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => {
    const [name, at] = [flat[2 * index]!, Number(flat[2 * index + 1])];
    const topic = topics.find((one): one is Topic => one === name);
    return topic ? { what: topic, at } : { what: "incident", incidentId: name, at };
  });
}
