import { setTimeout as sleep } from "node:timers/promises";
import { type Config, type Environment, loadConfig } from "./config.ts";
import { TourniquetError } from "./errors.ts";
import { standIn } from "./http/stand-in.ts";
import { createLog } from "./log.ts";
import { cannotListen, reportAndExit, sayReady, whenAskedToStop } from "./process.ts";
import { reloadOnHangup, warnOfSettings } from "./reload.ts";
import { startServer } from "./server.ts";
import { openServices, type Services } from "./services.ts";
import { openTracing } from "./tracing.ts";

/** The API process: takes webhooks, shows what is going on. Any number may run behind a load balancer. env: left out, that of the process. */
export async function runApiProcess(env?: Environment): Promise<void> {
  try {
    const { config, settings } = loadConfig(env);
    const tracing = await openTracing(config, "api");
    const open = () => openServices(config, settings, "api", "producer", tracing);
    const services = await openedOnceRedisIsThere(config, open).catch((error: unknown) =>
      Promise.reject(addressTrouble(error, config)),
    );
    const server = await startServer(services, env).catch((error: unknown) =>
      Promise.reject(addressTrouble(error, config)),
    );
    warnOfSettings(services);
    reloadOnHangup(services, env);
    sayReady({ url: server.url, adminUrl: server.adminUrl });
    whenAskedToStop(async () => {
      await server.close();
      await Promise.all([services.close(), tracing.close()]);
    });
  } catch (error) {
    reportAndExit(error);
  }
}

/** So long a start without Redis is nobody's business. */
const UNNOTICED_MS = 1_000;
const AGAIN_MS = 1_000;

/** Redis may come later than we do, and go on being away: whoever sends meanwhile is answered 503, and nobody needs to start us again. */
async function openedOnceRedisIsThere(config: Config, open: () => Promise<Services>): Promise<Services> {
  const { port, host, adminPort, adminHost } = config;
  const addresses = [{ port, host }, ...(adminPort === undefined ? [] : [{ port: adminPort, host: adminHost }])];
  const log = createLog(config.logLevel, "api");
  const exit = () => process.exit(1);
  process.once("disconnect", exit);
  const opening = opened(open, (message) => log.error({ message }, "api.waits-for-redis"));
  const isLate = await Promise.race([opening.then(() => false), sleep(UNNOTICED_MS, true, { ref: false })]);
  const inPlace = isLate ? await standIn(addresses) : null;
  try {
    return await opening;
  } finally {
    inPlace?.leave();
    process.off("disconnect", exit);
  }
}

async function opened(open: () => Promise<Services>, waiting: (message: string) => void): Promise<Services> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof TourniquetError) || error.code !== "redis-unavailable") throw error;
      waiting(error.message);
      await sleep(AGAIN_MS);
    }
  }
}

function addressTrouble(error: unknown, config: Config): unknown {
  const { port } = error as { port?: number };
  const isAdmin = config.adminPort !== undefined && port === config.adminPort;
  const address = isAdmin ? `${config.adminHost}:${port}` : `${config.host}:${config.port}`;
  const variables = isAdmin ? "ADMIN_PORT or ADMIN_HOST" : "PORT or HOST";
  return cannotListen(error, address, variables);
}
