import type { Signal } from "./signal.ts";

/**
 * Whether a signal rests on the gateway's event bus alone, which every key of every customer can write to: it is told to a
 * person and never contains anybody, neither alone nor with another of its kind (greenhelix.md, trap 16).
 */
export function isHearsay({ why }: Pick<Signal, "why">): boolean {
  return why.observed.heardOn === "bus";
}
