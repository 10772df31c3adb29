import { Redis } from "ioredis";
import { queueNames, queueTable } from "../../queues/jobs.ts";
import { servicesOf } from "../doctor.ts";
import { fail, type Item, ok } from "../item.ts";

/** Asked of Redis, where every worker waits for its next job under the name of its queue. */
export const workers: Item = {
  id: "workers",
  section: "containment",
  title: "somebody works every queue, in every partition",
  deadlineMs: 5_000,
  async measure(ports) {
    const { queues, redis } = servicesOf(ports);
    const database = String(redis instanceof Redis ? (redis.options.db ?? 0) : 0);
    const rows = await Promise.all(
      queues.all().map(async ({ queue, partition, bull }) => {
        const [clients, counts] = await Promise.all([bull.getWorkers(), bull.getJobCounts("waiting", "failed")]);
        // A server lists the clients of all its databases.
        const workers = clients.filter((client) => (client.db ?? "0") === database).length;
        return { queue, partition, workers, waiting: counts.waiting ?? 0, dead: counts.failed ?? 0 };
      }),
    );
    const lines = queueNames.map((queue) => {
      const own = rows.filter((row) => row.queue === queue);
      const sum = (of: (row: (typeof rows)[number]) => number) => own.reduce((total, row) => total + of(row), 0);
      const least = Math.min(...own.map(({ workers }) => workers));
      const waiting = sum((row) => row.waiting);
      return `${queue}: ${least} ${least === 1 ? "worker" : "workers"}, ${waiting} ${waiting === 1 ? "job" : "jobs"} waiting`;
    });
    const missing = rows.filter(({ workers }) => workers === 0);
    const names = [...new Set(missing.map(({ queue }) => queueTable[queue].worker))];
    const start = names.length > 2 ? ["all"] : names;
    const more = { lines, detail: rows };
    if (missing.length === 0) return ok(`all ${queueNames.length} queues are worked`, more);
    const idle = [...new Set(missing.map(({ queue }) => queue))].join(", ");
    return fail(
      `nobody works ${idle}`,
      `Start ${start.map((name) => `npx tourniquet worker ${name}`).join(" and ")}`,
      more,
    );
  },
};
