import type { Signal } from "../incident/signal.ts";

/** Whom the signals of an incident suspect, each once. */
export function suspectPayees(signals: readonly Pick<Signal, "suspectPayee">[]): string[] {
  return [...new Set(signals.map(({ suspectPayee }) => suspectPayee).filter((payee) => payee !== null))];
}
