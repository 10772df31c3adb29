import type { Config, Environment } from "./config.ts";
import { diagnoseNow } from "./doctor/diagnose-now.ts";
import { checkKeys } from "./gateway-access.ts";
import { type AppPorts, createApp } from "./http/app.ts";
import { type Listening, listen } from "./http/listen.ts";
import { createLive } from "./http/live.ts";
import { watchPressure } from "./redis/pressure.ts";
import { probeRedis } from "./redis/probe.ts";
import { reloadSettings } from "./reload.ts";
import { createDrillRunner } from "./run-drill.ts";
import type { Services } from "./services.ts";
import { weakSecrets } from "./weak-secrets.ts";

const DRAIN_MS = 8_000;

export interface RunningServer {
  /** Of webhooks and agents. */
  url: string;
  /** Of people and their tools: the same, or what ADMIN_PORT makes of it. */
  adminUrl: string;
  /** Takes nothing new, lets requests under way finish, at most 8 s. The services stay open: they are the caller's. */
  close(): Promise<void>;
}

/** Serves the API over services that are open. Rejects if the address is not to be had. env: where the settings file is read again from. */
export async function startServer(services: Services, env?: Environment): Promise<RunningServer> {
  const { config, log } = services;
  for (const warning of weakSecrets(config)) log.warn({ warning }, "secret.weak");
  const redisProbe = () => probeRedis(services.redis, config.partitions, config.redisWaitReplicas);
  const pressure = watchPressure(redisProbe, log);
  const live = createLive(services);
  const drillRunner = createDrillRunner(services);
  const ports: AppPorts = {
    ...services,
    inbox: pressure.guard(services.inbox),
    webhookSecrets: config.greenhelixWebhookSecrets,
    tokens: {
      admin: config.adminToken,
      responder: config.responderToken,
      viewer: config.viewerToken,
      agent: config.agentToken,
    },
    redisProbe,
    live,
    drillRunner,
    reloadSettings: () => reloadSettings(services, env),
    checkKeys: () => checkKeys(config, services.settings),
    diagnose: sharing(() => diagnoseNow(config, services.heldSettings.file)),
    trustedProxies: config.trustedProxies,
  };
  const listening = await listenOn(ports, config).catch((error: unknown) => {
    pressure.stop();
    throw error;
  });
  const { url } = listening[0]!;
  const adminUrl = listening.at(-1)!.url;
  log.info({ url, adminUrl, webhook: `${url}/webhooks/greenhelix` }, "api.started");
  return {
    url,
    adminUrl,
    async close() {
      // What never ends by itself first: its listeners come back to another process.
      live.close();
      await Promise.all([...listening.map((one) => one.close(DRAIN_MS)), drillRunner.stop()]);
      pressure.stop();
    },
  };
}

/** One port for all; with ADMIN_PORT one for machines, then one for people. */
async function listenOn(ports: AppPorts, config: Config): Promise<Listening[]> {
  const { port, host, adminPort, adminHost } = config;
  if (adminPort === undefined) return [await listen(createApp(ports), { port, host })];
  const answers = new Map<number, number>();
  const open = await listen(createApp(ports, "public", answers), { port, host });
  try {
    return [open, await listen(createApp(ports, "admin", answers), { port: adminPort, host: adminHost })];
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Whoever asks while it is under way gets the answer that is on its way. */
function sharing<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => {
    underWay ??= work().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
