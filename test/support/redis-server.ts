import type { TestProject } from "vitest/node";
import { startRedis } from "./redis-process.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A real Redis that lives as long as the run; `inject("redisUrl")`. REDIS_URL is never used here: tests flush. */
    redisUrl: string;
  }
}

/** One Redis per project and run. 256 databases, so that each test process can flush one of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis({ extraArgs: ["--databases", "256"] });
  project.provide("redisUrl", redis.url);
  return redis.stop;
}
