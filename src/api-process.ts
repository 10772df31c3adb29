import { type Config, type Environment, loadConfig } from "./config.ts";
import { TourniquetError } from "./errors.ts";
import { reportAndExit, sayReady, whenAskedToStop } from "./process.ts";
import { reloadOnHangup, warnOfSettings } from "./reload.ts";
import { startServer } from "./server.ts";
import { openServices } from "./services.ts";
import { openTracing } from "./tracing.ts";

/** The API process: takes webhooks, shows what is going on. Any number may run behind a load balancer. env: left out, that of the process. */
export async function runApiProcess(env?: Environment): Promise<void> {
  try {
    const { config, settings } = loadConfig(env);
    const tracing = await openTracing(config, "api");
    const services = await openServices(config, settings, "api", "producer", tracing);
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

/** An address that is taken or not ours is for whoever configured it to mend. */
function addressTrouble(error: unknown, config: Config): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== "EADDRINUSE" && code !== "EADDRNOTAVAIL" && code !== "EACCES") return error;
  const isAdmin = config.adminPort !== undefined && port === config.adminPort;
  const address = isAdmin ? `${config.adminHost}:${port}` : `${config.host}:${config.port}`;
  const variables = isAdmin ? "ADMIN_PORT or ADMIN_HOST" : "PORT or HOST";
  return new TourniquetError("config-invalid", `cannot listen on ${address} (${code}): set ${variables} to a free one`);
}
