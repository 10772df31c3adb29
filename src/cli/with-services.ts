import { loadConfig } from "../config.ts";
import { openServices, type Services } from "../services.ts";
import { runningEnvironment } from "./running.ts";

/**
 * For a command that looks at or changes what is in Redis: opens, does it, closes. Without REDIS_URL it finds the Redis
 * of an `npm start` that is running in this folder.
 */
export async function withServices(use: (services: Services) => Promise<void>): Promise<void> {
  const { config, settings } = loadConfig(runningEnvironment());
  const services = await openServices({ ...config, logLevel: "silent" }, settings, "cli", "producer");
  try {
    await use(services);
  } finally {
    await services.close();
  }
}
