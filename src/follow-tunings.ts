import { describeError } from "./errors.ts";
import type { Changes } from "./incident/changes.ts";
import type { Log } from "./incident/ports.ts";
import type { Tunings } from "./incident/tuning.ts";
import type { HeldSettings } from "./settings/holder.ts";

/** F6: an approved tuning is in force in every process within seconds. One small read each time; the rest only when it changed. */
const EVERY_MS = 1_000;

/** Puts the tunings in force over this process's settings, now and whenever they change. Redis away: those it has stay. */
export async function followTunings(
  { tunings, changes }: { tunings: Pick<Tunings, "inForce" | "version">; changes: Pick<Changes, "mark"> },
  heldSettings: Pick<HeldSettings, "tune">,
  log: Log,
): Promise<{ stop(): void }> {
  let known = -1;
  const take = async () => {
    if ((await tunings.version()) === known) return;
    const found = await tunings.inForce();
    heldSettings.tune(found.tunings);
    const isNews = known !== -1;
    known = found.version;
    if (!isNews) return;
    log.info({ tunings: found.tunings.map(({ id }) => id) }, "tunings.taken");
    // Who looks at the settings was told when it was approved, and has asked before it was in force here.
    await changes.mark("settings");
  };
  await take();
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await take();
    } catch (error) {
      log.warn(describeError(error), "tunings.not-read");
    } finally {
      isLooking = false;
    }
  }, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}
