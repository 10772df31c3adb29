import { afterAll, beforeAll, expect, it } from "vitest";
import { startWatchdog } from "../src/watchdog.ts";
import { runWorker } from "../src/worker.ts";
import { until } from "./support/until.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: [], ticker: false });
});
afterAll(() => world.close());

it("a worker that takes no jobs any more is ended although it once lost the lock of one; while a job is in hand it is not", async () => {
  const { services } = world;
  const held = Promise.withResolvers<null>();
  const incidents = { ...services.incidents, load: () => held.promise };
  const worker = runWorker("forensics", { ...services, incidents });
  const [working] = worker.queues;
  const { bull, jobs } = working!;
  const queue = services.queues.of("forensics", 0);
  const add = (jobId: string) => queue.add("forensics", { incidentId: "inc-0-a-1", part: "after" }, { jobId });
  await add("first");
  await until(async () => jobs.inHand === 1, "the job to be in hand");
  // As one whose blocking read has died; the read that is out may still bring one.
  await bull.pause(true);
  await add("second");
  await add("third");

  const ended: number[] = [];
  let samples = 0;
  const all = () => {
    samples += 1;
    return services.queues.all();
  };
  const options = { sampleMs: 10, exit: (status: number) => void ended.push(status) };
  const watchdog = startWatchdog([working!], { queues: { ...services.queues, all }, log: services.log }, options);
  await until(async () => samples > 5, "five samples with one waiting and one in hand");
  expect(ended).toEqual([]);

  await services.redis.del(`${bull.opts.prefix}:forensics:first:lock`);
  held.resolve(null);
  await until(async () => ended.length > 0, "the process to be ended");
  expect(ended[0]).toBe(70);
  expect(jobs.inHand).toBe(0);
  expect(await queue.getJobState("first")).not.toBe("completed");
  watchdog.stop();
  await worker.close(5_000);
});
