import type { HeldSettings } from "../../settings/holder.ts";
import { thresholdsFor } from "../../settings/settings.ts";
import { valueAt } from "../../settings/tuned.ts";
import { decideTuning, type LearnPorts } from "./tuning.ts";

/** Marks tunings that a later edit of the settings file has put out of force, so that everybody sees why. */
export async function overruleTunings(
  ports: Pick<LearnPorts, "tunings" | "incidents" | "log"> & { heldSettings: Pick<HeldSettings, "state" | "file"> },
): Promise<void> {
  for (const { id, agentId, path, fileValue } of ports.heldSettings.state.overruled) {
    const now = valueAt(thresholdsFor(ports.heldSettings.file, agentId), path);
    const reason =
      now === fileValue
        ? `the settings file does not go together with it any more`
        : `the settings file says ${now} now, and said ${fileValue}`;
    await decideTuning(ports, id, { to: "overruled", by: "the settings file", reason });
  }
}
