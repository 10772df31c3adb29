import { z } from "zod";
import type { Changes } from "../../incident/changes.ts";
import type { Log } from "../../incident/ports.ts";
import { person } from "../../incident/who-and-why.ts";
import type { Notifiers } from "../../notify/notifiers/index.ts";
import type { HeldSettings, Reload } from "../../settings/holder.ts";
import { aside } from "../aside/aside.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { reloadedShape, settingsCheckedShape } from "./shapes/settings.ts";

export interface SettingsFileApiPorts {
  heldSettings: Pick<HeldSettings, "state">;
  notifiers: Pick<Notifiers, "configured">;
  /** What SIGHUP does, in this process. */
  reloadSettings(): Reload;
  /** Whoever looks at the settings reads them anew. */
  changes: Pick<Changes, "mark">;
  log: Log;
}

/** The settings file: one that is posted is checked, the one that this process was started with is read again. */
export const settingsFileEndpoints: readonly Endpoint<SettingsFileApiPorts>[] = [
  endpoint({
    method: "post",
    path: "/api/settings/check",
    id: "checkSettings",
    tag: "settings",
    summary: "What a settings file would mean: every mistake with its line, warnings, differences from the defaults",
    description:
      "Nothing is changed, and what `keys` points to is not looked at: `tourniquet config check` does that where the file is to lie.",
    role: "viewer",
    onlyReads: true,
    file: { media: "application/yaml", most: "256kb", what: "the settings file" },
    answers: { 200: { what: "what was found, mistakes too", body: settingsCheckedShape } },
    problems: [429],
    async act({ notifiers }: SettingsFileApiPorts, { file }) {
      const checked = await aside("settings", { text: file, channels: notifiers.configured });
      return "problem" in checked ? checked : reply(200, checked);
    },
  }),
  endpoint({
    method: "post",
    path: "/api/settings/reload",
    id: "reloadSettings",
    tag: "settings",
    summary: "Read the settings file again, as SIGHUP does",
    description:
      "In the process that answers, and in no other: every other process has to be told by itself (SIGHUP, or a restart). GET /api/settings and the metric tourniquet_settings_info show whether all have the same hash.",
    role: "admin",
    body: z.strictObject({ by: person.by }),
    says: "Say who has it read again.",
    answers: { 200: { what: "what came of it; with a mistake in it the file changes nothing", body: reloadedShape } },
    async act({ reloadSettings, heldSettings, changes, log }: SettingsFileApiPorts, { body: { by } }) {
      const reload = reloadSettings();
      const { hash } = heldSettings.state;
      log.info({ by, answer: reload.answer, hash }, "settings.reload-asked");
      await changes.mark("settings");
      const { mistakes, needsRestart } = { mistakes: [], needsRestart: [], ...reload };
      return reply(200, { answer: reload.answer, hash, mistakes, needsRestart });
    },
  }),
];
