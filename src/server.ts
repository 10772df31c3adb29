import { createApp } from "./http/app.ts";
import { listen } from "./http/listen.ts";
import { watchPressure } from "./redis/pressure.ts";
import { probeRedis } from "./redis/probe.ts";
import type { Services } from "./services.ts";
import { weakSecrets } from "./weak-secrets.ts";

const DRAIN_MS = 8_000;

export interface RunningServer {
  url: string;
  /** Takes nothing new, lets requests under way finish, at most 8 s. The services stay open: they are the caller's. */
  close(): Promise<void>;
}

/** Serves the API over services that are open. Rejects if the address is not to be had. */
export async function startServer(services: Services): Promise<RunningServer> {
  const { config, log } = services;
  for (const warning of weakSecrets(config)) log.warn({ warning }, "secret.weak");
  const redisProbe = () => probeRedis(services.redis);
  const pressure = watchPressure(redisProbe, log);
  const app = createApp({
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
  });
  const listening = await listen(app, { port: config.port, host: config.host }).catch((error: unknown) => {
    pressure.stop();
    throw error;
  });
  log.info({ url: listening.url, webhook: `${listening.url}/webhooks/greenhelix` }, "api.started");
  return {
    url: listening.url,
    async close() {
      await listening.close(DRAIN_MS);
      pressure.stop();
    },
  };
}
