import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { EscalationPolicy } from "../../src/incident/escalation.ts";
import { startNotificationTicker } from "../../src/notification-ticker.ts";
import { keys } from "../../src/redis/keys.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { type Receiver, startReceiver } from "../notify/receiver.ts";
import { longAgo, MINUTE } from "../redis/escalating.ts";
import { openRequest } from "../redis/open-request.ts";
import { type CommandProcess, startCommand, startScript } from "../support/command-process.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";
import type { Point } from "../support/worker-with-kill-point.ts";

const killable = fileURLToPath(new URL("../support/worker-with-kill-point.ts", import.meta.url));
const policy: EscalationPolicy = { P0: [{ afterMs: 5 * MINUTE, to: ["webhook"] }] };

let redis: RedisProcess;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

interface Night {
  services: Services;
  receiver: Receiver;
  start(name: "notification" | "containment"): Promise<CommandProcess>;
  startKillable(point: Point): Promise<CommandProcess>;
  /** An incident whose level has been due for so long. */
  open(agentId: string, dueForMs: number): Promise<string>;
}

let databases = 0;
/** A product in a database of its own, so that several can wait for their locks to run out at the same time. */
async function inNight(story: (night: Night) => Promise<void>): Promise<void> {
  databases += 1;
  const database = databases;
  const receiver = await startReceiver();
  const environment = {
    REDIS_URL: `${redis.url}/${database}`,
    LOG_LEVEL: "info",
    GREENHELIX_BASE_URL: "http://127.0.0.1:9",
    GREENHELIX_DIALECT: "rest",
    NOTIFY_WEBHOOK_URL: `${receiver.url}/pages`,
    NOTIFY_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  };
  const services = await openServices(
    readConfig({ ...environment, LOG_LEVEL: "silent" }),
    readSettings(undefined, {}),
    "test",
    "worker",
  );
  const started: CommandProcess[] = [];
  const keep = async (starting: Promise<CommandProcess>) => {
    const one = await starting;
    started.push(one);
    return one;
  };
  try {
    await story({
      services,
      receiver,
      start: (name) => keep(startCommand(["worker", name], environment)),
      startKillable: (point) =>
        keep(startScript(killable, ["notification", "escalate", point, "1", "die"], environment)),
      async open(agentId, dueForMs) {
        const request = openRequest({ agentId }, { escalation: policy });
        const { incidentId } = await services.incidents.open(request);
        await longAgo(services, incidentId, 5 * MINUTE + dueForMs);
        return incidentId;
      },
    });
  } finally {
    await Promise.all(started.map((one) => one.kill()));
    await services.close();
    await receiver.close();
  }
}

const timeline = async ({ services }: Night, incidentId: string) =>
  (await services.incidents.view(incidentId))!.timeline.map(({ what }) => what);
const untilDelivered = ({ receiver }: Night) =>
  until(async () => receiver.received.length > 0, "the escalation to be told", 40_000, 50);
const jobsOf = async ({ services }: Night, incidentId: string) =>
  (await services.queues.of("notification", 0).getJobs()).map(({ id }) => id).filter((id) => id?.includes(incidentId));

const points: readonly Point[] = [
  "before-wake",
  "after-wake",
  "before-count",
  "after-count",
  "before-send",
  "after-send",
];

describe.concurrent("when the only notification worker is killed with -9 while it escalates", {
  timeout: 90_000,
}, () => {
  it.for(points)("%s: the next one tells the level, and tells it once", (point, { expect }) =>
    inNight(async (night) => {
      const incidentId = await night.open("agent-7", 0);
      const first = await night.startKillable(point);
      expect(await first.ended).toEqual({ code: null, signal: "SIGKILL" });
      await night.start("notification");
      await untilDelivered(night);
      expect(new Set(night.receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
      const what = await timeline(night, incidentId);
      expect(what.filter((one) => one === "escalated")).toHaveLength(1);
      const told = (await jobsOf(night, incidentId)).filter((id) => id!.startsWith("escalated-"));
      expect(told.sort()).toEqual([`escalated-${incidentId}-P0-0-log`, `escalated-${incidentId}-P0-0-webhook`]);
    }),
  );
});

describe.concurrent("when the ticker of the notification worker does not tick", { timeout: 90_000 }, () => {
  it("the containment worker notices, and has it told once; a ticker that comes back tells nobody again", ({
    expect,
  }) =>
    inNight(async (night) => {
      const incidentId = await night.open("agent-7", MINUTE);
      // It has the lease, and does nothing with it.
      await night.services.redis.set(keys.lease(0, "escalation"), "somebody-else", "PX", 30 * MINUTE);
      const [containment] = await Promise.all([night.start("containment"), night.start("notification")]);
      await untilDelivered(night);
      expect(containment.output()).toContain('"msg":"escalation.missed"');
      await night.services.redis.del(keys.lease(0, "escalation"));
      const ticker = startNotificationTicker(night.services);
      const later = await night.open("agent-8", 0);
      await until(async () => night.receiver.received.length > 1, "the next escalation", 20_000, 50);
      ticker.stop();
      const whats = await timeline(night, incidentId);
      expect(whats.filter((one) => /^escalat/.test(one))).toEqual(["escalation-missed", "escalated"]);
      expect((await timeline(night, later)).filter((one) => /^escalat/.test(one))).toEqual(["escalated"]);
      expect(night.receiver.received).toHaveLength(2);
    }));
});
