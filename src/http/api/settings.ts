import type { z } from "zod";
import { iso } from "../../incident/iso.ts";
import type { HeldSettings } from "../../settings/holder.ts";
import { presentLines, presentSettings } from "../../settings/present.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { settingsInForceShape } from "./shapes/settings.ts";

export interface SettingsApiPorts {
  heldSettings: HeldSettings;
}

/** /api/settings: what is in force in this process and where each value comes from; of keys only where they are read from. */
export const settingsEndpoints: readonly Endpoint<SettingsApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/settings",
    id: "showSettings",
    tag: "settings",
    summary: "The settings in force in the process that answers, and where each value comes from",
    role: "viewer",
    answers: { 200: { what: "what is in force", body: settingsInForceShape } },
    act({ heldSettings }: SettingsApiPorts) {
      return reply(200, inForce(heldSettings));
    },
  }),
];

function inForce({ live, state }: HeldSettings): z.input<typeof settingsInForceShape> {
  const { hash, loadedAt, failure, needsRestart, tuned } = state;
  return {
    hash,
    loadedAt: iso(loadedAt),
    isStale: failure !== null,
    failedReload: failure && { at: iso(failure.at), mistakes: [...failure.mistakes] },
    needsRestart: [...needsRestart],
    file: live.origin.file ?? null,
    // What is not in it is a default.
    lines: presentLines(live),
    // What incidents taught, in place of what the file says (F6).
    tuned: [...tuned],
    settings: presentSettings(live) as z.input<typeof settingsInForceShape>["settings"],
  };
}
