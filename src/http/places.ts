import type { FloodLimits, Place } from "./flood-guard.ts";

export interface Guest {
  address: string;
  /** Its address proved nothing within the hour. */
  isStranger: boolean;
  /** Ends the request. */
  cut(): void;
}

/** A body of 64 KB comes in a moment. One that takes longer keeps its place as long as nobody else needs it. */
const SLOW_AFTER_MS = 1_000;

/**
 * Who is being read or stored. Where all places are taken, the slowest body gives its own to whoever comes now: to send slowly takes
 * nothing from anybody.
 */
export class Places {
  readonly #limits: Pick<FloodLimits, "concurrent" | "strangers" | "oneStranger">;
  readonly #now: () => number;
  readonly #inside = new Set<Guest>();
  /** Whose body is not whole yet, and since when; the longest first. */
  readonly #reading = new Map<Guest, number>();
  readonly #ofStranger = new Map<string, number>();
  #strangers = 0;

  constructor(limits: Pick<FloodLimits, "concurrent" | "strangers" | "oneStranger">, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Null: there is none. */
  take(guest: Guest): Place | null {
    if (!this.#hasRoom(guest)) return null;
    this.#inside.add(guest);
    this.#reading.set(guest, this.#now());
    this.#count(guest, 1);
    return { whole: () => this.#endReading(guest), leave: () => this.#leave(guest) };
  }

  #hasRoom({ address, isStranger }: Guest): boolean {
    const { concurrent, strangers, oneStranger } = this.#limits;
    if (isStranger) {
      const own = this.#ofStranger.get(address) ?? 0;
      if (own >= oneStranger && !this.#cutSlow((one) => one.address === address)) return false;
      if (this.#strangers >= strangers && !this.#cutSlow((one) => one.isStranger)) return false;
    }
    return this.#inside.size < concurrent || this.#cutSlow(() => true);
  }

  /** Takes the place of the one whose body is the longest under way; false: none is slow. */
  #cutSlow(isOne: (guest: Guest) => boolean): boolean {
    const slowSince = this.#now() - SLOW_AFTER_MS;
    for (const [guest, since] of this.#reading) {
      if (since > slowSince) return false;
      if (!isOne(guest)) continue;
      this.#leave(guest);
      guest.cut();
      return true;
    }
    return false;
  }

  #endReading(guest: Guest): void {
    if (this.#reading.delete(guest)) this.#count(guest, -1);
  }

  #leave(guest: Guest): void {
    this.#endReading(guest);
    this.#inside.delete(guest);
  }

  #count({ address, isStranger }: Guest, change: 1 | -1): void {
    if (!isStranger) return;
    this.#strangers += change;
    const own = (this.#ofStranger.get(address) ?? 0) + change;
    if (own > 0) this.#ofStranger.set(address, own);
    else this.#ofStranger.delete(address);
  }
}
