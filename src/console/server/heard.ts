import { createStore } from "../store.ts";

/** When the server was last heard of, in milliseconds since 1970; null: not yet. */
export const heardAt = createStore<number | null>(null);

export function heard(): void {
  heardAt.set(Date.now());
}

/** When a request last found nobody; null: never. */
export const failedAt = createStore<number | null>(null);

export function failed(): void {
  failedAt.set(Date.now());
}
