import { Counter, Gauge, type Registry } from "prom-client";
import type { Breakers } from "../incident/breaker.ts";
import type { HeldSettings } from "../settings/holder.ts";
import type { Settings } from "../settings/settings.ts";

export interface PolicyMetricsPorts {
  breakers: Pick<Breakers, "counts">;
  settings: Pick<Settings, "breaker" | "mode">;
  heldSettings: Pick<HeldSettings, "state">;
}

/** P3: how many breakers are open; which agents' they are says the log. */
export function breakerMetrics(registry: Registry, { breakers, settings }: PolicyMetricsPorts): () => Promise<void> {
  const help = "Circuit breakers that are not closed, by state";
  const byState = new Gauge({ name: "tourniquet_breakers", help, labelNames: ["state"], registers: [registry] });
  const openings = new Counter({
    name: "tourniquet_breaker_openings_total",
    help: "How often circuit breakers opened",
    registers: [registry],
  });
  return async () => {
    const counts = await breakers.counts(settings.breaker);
    byState.set({ state: "open" }, counts.open);
    byState.set({ state: "half-open" }, counts.halfOpen);
    openings.reset();
    openings.inc(counts.openings);
  };
}

/** P1, P5: of this process, each of which reads the file for itself. */
export function settingsMetrics(
  registry: Registry,
  { heldSettings, settings }: PolicyMetricsPorts,
): () => Promise<void> {
  const stale = new Gauge({
    name: "tourniquet_settings_stale",
    help: "1 if the last reload of the settings failed and the ones before it are still in force",
    registers: [registry],
  });
  const loaded = new Gauge({
    name: "tourniquet_settings_loaded_timestamp_seconds",
    help: "When the settings in force were read",
    registers: [registry],
  });
  const info = new Gauge({
    name: "tourniquet_settings_info",
    help: "The settings in force: their hash, and whether the product acts or only observes",
    labelNames: ["hash", "mode"],
    registers: [registry],
  });
  return async () => {
    const { hash, loadedAt, failure } = heldSettings.state;
    stale.set(failure === null ? 0 : 1);
    loaded.set(loadedAt / 1000);
    info.reset();
    info.set({ hash, mode: settings.mode }, 1);
  };
}
