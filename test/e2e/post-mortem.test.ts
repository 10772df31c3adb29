import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { loadConfig } from "../../src/config.ts";
import type { IncidentView } from "../../src/incident/incident.ts";
import { stage } from "../../src/sandbox/play.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import { runaway } from "../../src/sandbox/scenarios/runaway.ts";
import { openServices, type Services } from "../../src/services.ts";
import { openRequest } from "../redis/open-request.ts";
import { startScript } from "../support/command-process.ts";
import { killPoints } from "../support/forensics-with-kill-point.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";

const killable = fileURLToPath(new URL("../support/forensics-with-kill-point.ts", import.meta.url));
let redis: RedisProcess;
let sandbox: Sandbox;
beforeAll(async () => {
  redis = await startRedis();
  sandbox = await startSandbox({ delivery: { isEnabled: false } });
  await stage(sandbox.url, runaway);
});
afterAll(async () => {
  await sandbox.close();
  await redis.stop();
});

/** Each in a database of its own, so that several can wait for their locks to run out at the same time. */
const environmentOf = (database: number) => ({
  REDIS_URL: `${redis.url}/${database}`,
  LOG_LEVEL: "info",
  GREENHELIX_BASE_URL: sandbox.url,
  GREENHELIX_API_KEY: "sandbox-admin-tourniquet",
  GREENHELIX_DIALECT: "rest",
});

/** An incident that is over, as its end leaves it: evidence and post-mortem are in the queue. */
async function anEnd({ incidents, dispatch }: Services): Promise<string> {
  const { incidentId } = await incidents.open(openRequest({ agentId: "procurement-17" }));
  await incidents.setStatus(incidentId, "stood-down", "recover", { answer: "restored" });
  await dispatch.add("forensics", incidentId, `evidence-${incidentId}`, { incidentId, part: "at-containment" });
  await dispatch.add("forensics", incidentId, `post-mortem-${incidentId}`, { incidentId, part: "post-mortem" });
  return incidentId;
}

const isIdle = async ({ queues }: Services) => {
  const counts = await queues.of("forensics", 0).getJobCounts("waiting", "active", "delayed", "failed");
  return Object.values(counts).every((jobs) => jobs === 0);
};
const notificationsOf = async ({ queues }: Services) =>
  (await queues.of("notification", 0).getJobs(["waiting", "active", "delayed", "completed", "failed"])).map(
    ({ id }) => id,
  );
const times = ({ timeline }: IncidentView, ...whats: readonly string[]) =>
  timeline.filter(({ what }) => whats.includes(what)).length;

describe.concurrent("when the forensics worker is killed with -9", { timeout: 120_000 }, () => {
  it.for(killPoints.map((point, database) => [point, database] as const))(
    "%s, the next one loses and doubles nothing, and a later replay neither",
    async ([point, database], { expect }) => {
      const environment = environmentOf(database);
      const { config, settings } = loadConfig({ ...environment, LOG_LEVEL: "silent" });
      const services = await openServices(config, settings, "test", "worker");
      const started: Awaited<ReturnType<typeof startScript>>[] = [];
      try {
        const id = await anEnd(services);
        const worker = await startScript(killable, [point], environment);
        started.push(worker);
        expect(await worker.ended).toEqual({ code: null, signal: "SIGKILL" });
        const before = await services.postMortems.load(id);
        started.push(await startScript(killable, ["none"], environment));
        await until(() => isIdle(services), `${id} to be told`, 60_000, 100);
        const document = await services.postMortems.load(id);
        expect(document).toMatchObject({ incidentId: id, isDraft: false });
        if (before) expect(document).toEqual(before);
        expect(document?.changes).toEqual([
          expect.stringMatching(/^Proposed, for a person to decide: .+ from \d+ to \d+: /),
        ]);
        const view = (await services.incidents.view(id))!;
        expect([times(view, "post-mortem-written"), times(view, "evidence-taken")]).toEqual([1, 1]);
        expect(Object.keys(await services.incidents.evidence(id)).sort()).toEqual(
          expect.arrayContaining(["at-containment"]),
        );
        const told = [`page-${id}-post-mortem`, `publish-${id}-post-mortem`];
        expect((await notificationsOf(services)).sort()).toEqual(told);

        // Long after the queues have forgotten what they did.
        await services.queues.of("notification", 0).obliterate({ force: true });
        await services.dispatch.add("forensics", id, `again-${id}`, { incidentId: id, part: "post-mortem" });
        await until(() => isIdle(services), `${id} to be told again`, 60_000, 100);
        expect(await notificationsOf(services)).toEqual([]);
        expect(await services.postMortems.load(id)).toEqual(document);
      } finally {
        await Promise.all(started.map((one) => one.kill()));
        await services.close();
      }
    },
  );
});
