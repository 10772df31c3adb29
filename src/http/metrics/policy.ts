import type { Breakers } from "../../incident/breaker.ts";
import type { HeldSettings } from "../../settings/holder.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Figures, Source } from "./figures.ts";

export interface PolicyMetricsPorts {
  breakers: Pick<Breakers, "counts">;
  settings: Pick<Settings, "breaker" | "mode">;
  heldSettings: Pick<HeldSettings, "state">;
}

/** P3: how many breakers are open; which agents' they are says the log. */
export function breakerMetrics({ gauge, counter }: Figures, { breakers, settings }: PolicyMetricsPorts): Source {
  const byState = gauge("tourniquet_breakers", "Circuit breakers that are not closed, by state.", "state");
  const openings = counter("tourniquet_breaker_openings_total", "How often circuit breakers opened.");
  return async () => {
    const counts = await breakers.counts(settings.breaker);
    byState.set({ state: "open" }, counts.open);
    byState.set({ state: "half-open" }, counts.halfOpen);
    openings.reset();
    openings.inc(counts.openings);
  };
}

/** P1, P5: of this process, each of which reads the file for itself. */
export function settingsMetrics({ gauge }: Figures, { heldSettings, settings }: PolicyMetricsPorts): Source {
  const stale = gauge(
    "tourniquet_settings_stale",
    "Is 1 if the last reload of the settings failed and the ones before it are still in force.",
  );
  const loaded = gauge("tourniquet_settings_loaded_timestamp_seconds", "When the settings in force were read.");
  const info = gauge(
    "tourniquet_settings_info",
    "Is 1 for the settings in force, with their hash and whether the product acts or only observes.",
    "hash",
    "mode",
  );
  return async () => {
    const { hash, loadedAt, failure } = heldSettings.state;
    stale.set(failure === null ? 0 : 1);
    loaded.set(loadedAt / 1000);
    info.reset();
    info.set({ hash, mode: settings.mode }, 1);
  };
}
