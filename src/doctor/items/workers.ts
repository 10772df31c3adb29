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
    const rows = await Promise.all(
      servicesOf(ports)
        .queues.all()
        .map(async ({ queue, partition, bull }) => {
          const [workers, counts] = await Promise.all([bull.getWorkersCount(), bull.getJobCounts("waiting", "failed")]);
          return { queue, partition, workers, waiting: counts.waiting ?? 0, dead: counts.failed ?? 0 };
        }),
    );
    const lines = queueNames.map((queue) => {
      const own = rows.filter((row) => row.queue === queue);
      const sum = (of: (row: (typeof rows)[number]) => number) => own.reduce((total, row) => total + of(row), 0);
      const least = Math.min(...own.map(({ workers }) => workers));
      return `${queue}: ${least} ${least === 1 ? "worker" : "workers"}, ${sum(({ waiting }) => waiting)} jobs waiting`;
    });
    const missing = rows.filter(({ workers }) => workers === 0);
    const names = [...new Set(missing.map(({ queue }) => queueTable[queue].worker))];
    const more = { lines, detail: rows };
    if (missing.length === 0) return ok(`all ${queueNames.length} queues are worked`, more);
    const queues = [...new Set(missing.map(({ queue }) => queue))].join(", ");
    return fail(
      `nobody works ${queues}`,
      `Start ${start.map((name) => `npx tourniquet worker ${name}`).join(" and ")}`,
      more,
    );
  },
};
