import type { Config } from "../config.ts";
import { TourniquetError } from "../errors.ts";
import { gatewaySettings } from "../gateway-access.ts";
import { connectGateway } from "../greenhelix/connect.ts";
import { createLog } from "../log.ts";
import { connectRedis } from "../redis/connection.ts";
import { reachRedis } from "../redis/reach.ts";
import { openServices, type Services } from "../services.ts";
import type { Settings } from "../settings/settings.ts";
import type { DoctorPorts } from "./item.ts";

/** Nobody waits longer to hear that Redis is away. */
const REACHED_WITHIN_MS = 2_500;

/** Opens what there is; what is away is the error that says so. */
export async function openDoctor(
  config: Config,
  settings: Settings,
  notify: boolean,
  reachedWithinMs: number = REACHED_WITHIN_MS,
): Promise<{ ports: DoctorPorts; close(): Promise<void> }> {
  const quiet = { ...config, logLevel: "silent" } as const;
  const services = await servicesOrWhyNot(quiet, settings, reachedWithinMs);
  const gateway = connectGateway(gatewaySettings(quiet, settings, createLog("silent", "doctor")));
  return {
    ports: { config: quiet, settings, services, gateway, notify },
    async close() {
      await gateway.close();
      if (!(services instanceof TourniquetError)) await services.close();
    },
  };
}

async function servicesOrWhyNot(
  config: Config,
  settings: Settings,
  reachedWithinMs: number,
): Promise<Services | TourniquetError> {
  const first = connectRedis(config.redisUrl, "producer", () => undefined);
  try {
    await reachRedis(first, config.redisUrl, reachedWithinMs);
    return await openServices(config, settings, "doctor", "producer");
  } catch (error) {
    if (error instanceof TourniquetError) return error;
    throw error;
  } finally {
    first.disconnect();
  }
}
