import type { Config } from "../config.ts";
import type { Settings } from "../settings/settings.ts";
import { type Diagnosis, diagnose } from "./doctor.ts";
import { items } from "./items/index.ts";
import { openDoctor } from "./open.ts";

/** The whole checklist over connections of its own, which end with it; people are sent nothing. */
export async function diagnoseNow(config: Config, settings: Settings): Promise<Diagnosis> {
  const { ports, close } = await openDoctor(config, settings, false);
  return diagnose(ports, items).finally(close);
}
