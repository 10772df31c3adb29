import type { Signal, SignalKind } from "./signal.ts";
import { signalId } from "./signal-id.ts";

/** P6: a time in which alerts are held back, with who answers for it. Times in milliseconds since 1970; undefined agent or signal: any. */
export interface Silence {
  id: string;
  owner: string;
  reason: string;
  from: number;
  until: number;
  agent: string | undefined;
  signal: SignalKind | undefined;
  /** Only with this does it hold back containment, and then of critical signals too. */
  holdsContainment: boolean;
}

/** P6: every silence expires. Whoever needs a longer one wants another policy. */
export const LONGEST_SILENCE_MS = 30 * 86_400_000;

/** One as people see it. Counted are signals, each once. */
export interface SilenceView extends Silence {
  state: "coming" | "active" | "expired";
  heldBack: number;
}

/** Silences made while the product runs, and what all of them held back. Those of the settings file are passed in where they count. */
export interface Silences {
  /** Redis time, and those made while it runs that are not expired, in one round trip. */
  current(): Promise<{ now: number; silences: readonly Silence[] }>;
  add(silence: Omit<Silence, "id">): Promise<Silence>;
  /** Ends it now; false if there is none of this id, or it has ended. */
  end(id: string): Promise<boolean>;
  /** Those made while it runs that are not expired for a day, and the given ones. */
  list(fromFile: readonly Silence[]): Promise<readonly SilenceView[]>;
  /** Counts one signal that was held back; the same one twice is one. */
  heldBack(silence: Silence, signalId: string): Promise<void>;
  /** Those that have ended since this was last asked, each told once in the whole fleet. */
  newlyEnded(fromFile: readonly Silence[]): Promise<readonly SilenceView[]>;
}

/**
 * The silence that holds back what would follow from this signal, at `now` by Redis; undefined: none. An alert is held back
 * by any that fits, containment only by one that says so (P6).
 */
export function silenceFor(
  silences: readonly Silence[],
  signal: Pick<Signal, "agentId" | "kind">,
  now: number,
  what: "alert" | "containment",
): Silence | undefined {
  return silences.find(
    (silence) =>
      isActive(silence, now) &&
      (silence.agent === undefined || silence.agent === signal.agentId) &&
      (silence.signal === undefined || silence.signal === signal.kind) &&
      (what === "alert" || silence.holdsContainment),
  );
}

/** From its first millisecond on, and no more at `until`. */
export function isActive({ from, until }: Pick<Silence, "from" | "until">, now: number): boolean {
  return from <= now && now < until;
}

export function stateOf(silence: Pick<Silence, "from" | "until">, now: number): SilenceView["state"] {
  if (isActive(silence, now)) return "active";
  return now < silence.from ? "coming" : "expired";
}

/** The signal as it is kept when held back: its own id stays free, so that the same trouble is answered once the silence is over. */
export function silenced(signal: Signal, { id }: Pick<Silence, "id">): Signal {
  return { ...signal, id: signalId(signal.kind, signal.agentId, `silenced ${id}: ${signal.id}`) };
}

/** What a verdict says that a silence decided. */
export function silencedBy({ owner, until, reason }: Silence): string {
  return `silenced by ${owner} until ${new Date(until).toISOString()}: ${reason}`;
}

/** As API and CLI show it: times as ISO 8601 text, what is about any agent or signal without naming one. */
export function presentSilence({ from, until, agent, signal, ...silence }: SilenceView) {
  return {
    ...silence,
    agent: agent ?? null,
    signal: signal ?? null,
    from: from === 0 ? null : new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  };
}
