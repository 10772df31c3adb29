import type { Tuning } from "../incident/tuning.ts";
import { risesEverywhere } from "./contradictions.ts";
import { type Settings, thresholdsFor } from "./settings.ts";
import type { Thresholds } from "./thresholds.ts";

/** One value that a tuning says instead of the file. */
export interface TunedValue {
  /** As GET /api/settings has it: "thresholds.agents.<agent>.costAnomaly.sigmas". */
  path: string;
  value: number;
  fileValue: number;
  tuning: string;
}

export interface Tuned {
  settings: Settings;
  values: readonly TunedValue[];
  /** Approved, and not in force: the file has been edited for that very value since, or no longer fits with it. */
  overruled: readonly Tuning[];
}

/**
 * The settings of the file with what incidents taught over it (F6). A tuning holds as long as the file says of its value what
 * it said when the tuning was proposed: whoever edits it later means it, for the agent or for all.
 */
export function tuned(file: Settings, tunings: readonly Tuning[]): Tuned {
  const agentThresholds = new Map(file.agentThresholds);
  const values: TunedValue[] = [];
  const overruled: Tuning[] = [];
  for (const tuning of tunings) {
    const { agentId, path, to, fileValue } = tuning;
    const own = withValue(agentThresholds.get(agentId) ?? file.thresholds, path, to);
    if (valueAt(thresholdsFor(file, agentId), path) !== fileValue || !risesEverywhere(own)) overruled.push(tuning);
    else {
      agentThresholds.set(agentId, own);
      values.push({ path: `thresholds.agents.${agentId}.${path}`, value: to, fileValue, tuning: tuning.id });
    }
  }
  return { settings: values.length === 0 ? file : { ...file, agentThresholds }, values, overruled };
}

/** Undefined where the path names no number. */
export function valueAt(thresholds: Thresholds, path: string): number | undefined {
  const [section = "", field] = path.split(".");
  const found = (thresholds as unknown as Record<string, unknown>)[section];
  const value = field === undefined ? found : (found as Record<string, unknown> | undefined)?.[field];
  return typeof value === "number" ? value : undefined;
}

export function withValue(thresholds: Thresholds, path: string, value: number): Thresholds {
  const [section = "", field] = path.split(".");
  const found = (thresholds as unknown as Record<string, object>)[section];
  return { ...thresholds, [section]: field === undefined ? value : { ...found, [field]: value } };
}
