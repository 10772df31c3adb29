import { Redis } from "ioredis";
import { monotonicMs } from "../clock.ts";
import type { Told } from "../gateway/gateway-process.ts";

/** The other end of the least hand-off: a blocking read, which notes when an exhausted budget came by. */
const redis = new Redis(process.argv[2] ?? "");
let arrivals: [string, number][] = [];
let last = "$";

async function read(): Promise<never> {
  for (;;) {
    const [stream] = (await redis.xread("COUNT", 100, "BLOCK", 0, "STREAMS", "bench:floor", last)) ?? [];
    const atMs = monotonicMs();
    for (const [id, fields] of stream?.[1] ?? []) {
      last = id;
      const agentId = /"event_type":"budget_threshold","agent_id":"([^"]+)"/.exec(fields[1] ?? "")?.[1];
      if (agentId !== undefined) arrivals.push([agentId, atMs]);
    }
  }
}

process.on("message", () => {
  process.send?.({ arrivals, passed: 0, refused: 0 } satisfies Told);
  arrivals = [];
});
process.on("disconnect", () => process.exit(1));
await redis.ping();
void read();
process.send?.({ ready: true });
