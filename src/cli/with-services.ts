import { type Config, type Environment, loadConfig, loadSettings, readConfig } from "../config.ts";
import { TourniquetError } from "../errors.ts";
import { openServices, type Services } from "../services.ts";
import { shownRedisAddress } from "../settings/redis-address.ts";
import type { Settings } from "../settings/settings.ts";
import { withProgress } from "./progress.ts";
import { runningEnvironment } from "./running.ts";

/**
 * For a command that looks at or changes what is in Redis, and whose answer the settings decide: opens, does it, closes. Without
 * REDIS_URL it finds the Redis of an `npm start` that is running in this folder.
 */
export async function withServices(use: (services: Services) => Promise<void>): Promise<void> {
  const { config, settings } = loadConfig(runningEnvironment());
  await opened(config, settings, use);
}

/**
 * The same for a command that needs Redis alone: at night a mistake in the settings file, or a key that this terminal does not
 * have, must keep nobody from it. It says so and goes on with the defaults. lacks: what the answer is without then.
 */
export async function withoutSettings(use: (services: Services) => Promise<void>, lacks?: string): Promise<void> {
  const env = runningEnvironment();
  const config = readConfig(env);
  const settings = settingsOf(env, lacks);
  if (settings !== null) return opened(config, settings, use);
  // What the settings would allow is not needed either, and must not be refused for want of them.
  const channels = { slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined };
  const { GREENHELIX_BASE_URL: _, ...rest } = env;
  const { greenhelixBaseUrl } = readConfig(rest);
  await opened({ ...config, greenhelixBaseUrl, agentControl: undefined, channels }, loadSettings({}), use);
}

/** Null where the file has mistakes; they are named on standard error. */
function settingsOf(env: Environment, lacks: string | undefined): Settings | null {
  try {
    return loadSettings(env);
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code !== "config-invalid") throw error;
    const without = lacks === undefined ? "" : `; missing is ${lacks}`;
    process.stderr.write(`tourniquet: ${error.message}\n  This command does without the settings${without}.\n`);
    return null;
  }
}

/** Redis answers at once, or it is away: a machine that is busy is no news. */
const AWAY_MS = 3_000;

async function opened(config: Config, settings: Settings, use: (services: Services) => Promise<void>): Promise<void> {
  const open = () => openServices({ ...config, logLevel: "silent" }, settings, "cli", "producer");
  const services = await withProgress(`waiting for Redis at ${shownRedisAddress(config.redisUrl)}`, open, AWAY_MS);
  try {
    await use(services);
  } finally {
    await services.close();
  }
}
