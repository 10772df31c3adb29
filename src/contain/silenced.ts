import type { Log } from "../incident/ports.ts";
import { presentSilence, type Silence, type Silences, silenced, silencedBy, silenceFor } from "../incident/silence.ts";
import type { Verdict, Verdicts } from "../incident/verdict.ts";
import type { Settings } from "../settings/settings.ts";

export interface SilencedPorts {
  silences: Silences;
  verdicts: Pick<Verdicts, "keep">;
  settings: Pick<Settings, "silences">;
}

/**
 * P6, for verdicts that reach containment without detection having asked (judged at intake, members of a cascade): whether a
 * silence that says it holds containment holds this one. Then it is kept under an id of its own, counted, and the silence
 * says why nothing was done. `current` was read beside what the caller had to read anyway: no round trip is added.
 */
export async function holdBack(
  { silences, verdicts, settings }: Omit<SilencedPorts, "silences"> & { silences: Pick<Silences, "heldBack"> },
  verdict: Verdict,
  current: { now: number; silences: readonly Silence[] },
): Promise<string | null> {
  const all = [...settings.silences, ...current.silences];
  const silence = silenceFor(all, verdict.signal, current.now, "containment");
  if (!silence) return null;
  const signal = silenced(verdict.signal, silence);
  const decidedBy = silencedBy(silence);
  await Promise.all([
    silences.heldBack(silence, signal.id),
    verdicts.keep({ ...verdict, signal, tier: null, decidedBy }),
  ]);
  return decidedBy;
}

/** Once in the whole fleet: people hear alerts again from now on, and how much they did not hear. */
export async function tellEndedSilences({
  silences,
  settings,
  log,
}: Pick<SilencedPorts, "silences" | "settings"> & { log: Log }): Promise<void> {
  for (const silence of await silences.newlyEnded(settings.silences))
    log.warn({ ...presentSilence(silence) }, "silence.ended");
}
