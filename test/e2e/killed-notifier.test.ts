import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { allAt, HOOK_SECRET, ROUTING_KEY } from "../notify/notifiers/channels.ts";
import { type Receiver, startReceiver } from "../notify/receiver.ts";
import { openRequest } from "../redis/open-request.ts";
import { type CommandProcess, startCommand, startScript } from "../support/command-process.ts";
import type { NotifyPoint } from "../support/notifier-with-kill-point.ts";
import { type RedisProcess, startRedis } from "../support/redis-process.ts";
import { until } from "../support/until.ts";

const killable = fileURLToPath(new URL("../support/notifier-with-kill-point.ts", import.meta.url));
const channels = ["pagerduty", "slack", "webhook"];

let redis: RedisProcess;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

interface Story {
  receiver: Receiver;
  services: Services;
  environment: Record<string, string>;
  incidentId: string;
}

/** An incident whose page waits to be told, in a database of its own. */
async function staged(database: number, story: (given: Story) => Promise<void>): Promise<void> {
  const receiver = await startReceiver();
  const environment = {
    REDIS_URL: `${redis.url}/${database}`,
    GREENHELIX_BASE_URL: "http://127.0.0.1:1",
    GREENHELIX_DIALECT: "rest",
    GREENHELIX_API_KEY: "no-gateway-here",
    LOG_LEVEL: "info",
    SLACK_WEBHOOK_URL: allAt(receiver.url).slack!.url,
    PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
    PAGERDUTY_EVENTS_URL: receiver.url,
    NOTIFY_WEBHOOK_URL: allAt(receiver.url).webhook!.url,
    NOTIFY_WEBHOOK_SECRET: HOOK_SECRET,
  };
  const config = readConfig({ ...environment, LOG_LEVEL: "silent" });
  const services = await openServices(config, readSettings(undefined, {}), "test", "worker");
  try {
    const { incidentId } = await services.incidents.open(openRequest());
    const about = { agentId: "agent-7", incidentId, signalId: null, kind: "page", what: "contained" } as const;
    await services.dispatch.add("notification", incidentId, `page-${incidentId}-contained`, about);
    await story({ receiver, services, environment, incidentId });
  } finally {
    services.redis.disconnect();
    await receiver.close();
  }
}

const nameOf = ({ path, text, headers }: Receiver["received"][number]): string => {
  if (path.startsWith("/services")) return `slack ${JSON.parse(text).text}`;
  return path === "/v2/enqueue" ? `pagerduty ${JSON.parse(text).dedup_key}` : `webhook ${headers["webhook-id"]}`;
};

/** Under which names everybody was told, and how often at most under one. */
function whatWasTold({ receiver, incidentId }: Story) {
  const names = receiver.received.map(nameOf);
  const distinct = [...new Set(names)].sort();
  return {
    channels: distinct.map((name) => name.split(" ")[0]),
    isOneAlert: distinct.includes(`pagerduty ${incidentId}`),
    most: Math.max(...distinct.map((name) => names.filter((one) => one === name).length)),
  };
}

/** Where nothing was on its way yet nothing comes twice; else what was delivered and not noted at that moment may. */
const points: readonly [NotifyPoint, nth: number, most: number][] = [
  ["decided", 1, 1],
  ["booked", 2, 2],
  ["logged", 1, 2],
  ["delivered", 1, 2],
  ["noted", 3, 2],
];

describe.concurrent("when the notification worker is killed with -9 and another is started", {
  timeout: 90_000,
}, () => {
  it.for(points.map((one, index) => [...one, index] as const))(
    "where it has %s (%i): everybody is told, nobody more than twice and under one name",
    ([point, nth, most, database], { expect }) =>
      staged(database, async (story) => {
        const dying = await startScript(killable, [point, String(nth)], story.environment);
        const started: CommandProcess[] = [dying];
        try {
          expect(await dying.ended).toEqual({ code: null, signal: "SIGKILL" });
          started.push(await startCommand(["worker", "notification"], story.environment));
          const bull = story.services.queues.of("notification", 0);
          const isQuiet = async () => {
            const counts = await bull.getJobCounts("waiting", "active", "delayed");
            return Object.values(counts).every((count) => count === 0);
          };
          await until(isQuiet, "every page to be told", 60_000, 100);
          const { timeline } = (await story.services.incidents.view(story.incidentId))!;
          const sent = timeline.filter(({ what }) => what === "page-sent").map(({ detail }) => detail.channel);
          expect([...new Set(sent)].sort()).toEqual(channels);
          const told = whatWasTold(story);
          expect(told).toMatchObject({ channels, isOneAlert: true });
          expect(told.most).toBeLessThanOrEqual(most);
        } finally {
          for (const one of started) await one.kill();
        }
      }),
  );
});
