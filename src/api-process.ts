import { type Config, loadConfig, weakSecrets } from "./config.ts";
import { TourniquetError } from "./errors.ts";
import { createApp } from "./http/app.ts";
import { listen } from "./http/listen.ts";
import { reportAndExit, sayReady, whenAskedToStop } from "./process.ts";
import { watchPressure } from "./redis/pressure.ts";
import { probeRedis } from "./redis/probe.ts";
import { openServices } from "./services.ts";

const DRAIN_MS = 8_000;

/** The API process: takes webhooks, shows what is going on. Any number may run behind a load balancer. */
export async function runApiProcess(): Promise<void> {
  try {
    const { config, settings } = loadConfig();
    const services = await openServices(config, settings, "api", "producer");
    for (const warning of weakSecrets(config)) services.log.warn({ warning }, "secret.weak");
    const redisProbe = () => probeRedis(services.redis);
    const pressure = watchPressure(redisProbe, services.log);
    const app = createApp({
      ...services,
      inbox: pressure.guard(services.inbox),
      webhookSecrets: config.greenhelixWebhookSecrets,
      tokens: { admin: config.adminToken, responder: config.responderToken, viewer: config.viewerToken },
      redisProbe,
    });
    const listening = await listen(app, { port: config.port, host: config.host }).catch((error: unknown) =>
      Promise.reject(addressTrouble(error, config)),
    );
    services.log.info({ url: listening.url, webhook: `${listening.url}/webhooks/greenhelix` }, "api.started");
    sayReady({ url: listening.url });
    whenAskedToStop(async () => {
      await listening.close(DRAIN_MS);
      pressure.stop();
      await services.close();
    });
  } catch (error) {
    reportAndExit(error);
  }
}

/** An address that is taken or not ours is for whoever configured it to mend. */
function addressTrouble(error: unknown, { host, port }: Config): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== "EADDRINUSE" && code !== "EADDRNOTAVAIL" && code !== "EACCES") return error;
  return new TourniquetError(
    "config-invalid",
    `cannot listen on ${host}:${port} (${code}): set PORT or HOST to a free one`,
  );
}
