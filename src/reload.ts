import { type Environment, loadSettings } from "./config.ts";
import { describeError } from "./errors.ts";
import { whenAskedToReload } from "./process.ts";
import type { Services } from "./services.ts";
import type { Reload } from "./settings/holder.ts";
import { reachable, unreached } from "./settings/reach.ts";
import { warningsOf } from "./settings/review.ts";

/** What is in the settings that is allowed and probably not meant, one line each. */
export function warnOfSettings({ settings, config, log }: Pick<Services, "settings" | "config" | "log">): void {
  const warnings = [...warningsOf(settings, Date.now()), ...unreached(settings, reachable(config.channels))];
  for (const { line, message } of warnings) log.warn({ line, message }, "settings.unwise");
}

/**
 * SIGHUP reads the settings file again (P1). Work in hand goes on with what it began with, the next job or request sees the
 * new ones. With a mistake in it the file changes nothing, and one line names every mistake.
 */
export function reloadOnHangup(services: Services, env?: Environment): void {
  whenAskedToReload(() => void reloadSettings(services, env));
}

/** The same at once, and what came of it. */
export function reloadSettings(services: Services, env?: Environment): Reload {
  const { heldSettings, settings, log } = services;
  const reload = heldSettings.reload(() => loadSettings(env));
  const { hash } = heldSettings.state;
  if (reload.answer === "kept-old") {
    log.error({ mistakes: reload.mistakes, hash, file: settings.origin.file }, "settings.kept-old");
    return reload;
  }
  log.info({ answer: reload.answer, hash, mode: settings.mode, file: settings.origin.file }, "settings.reloaded");
  if (reload.needsRestart.length > 0) log.warn({ needsRestart: reload.needsRestart }, "settings.need-restart");
  warnOfSettings(services);
  services.changes.mark("settings").catch((error: unknown) => log.warn(describeError(error), "change.not-told"));
  return reload;
}
