export type Forms = "both" | "rest" | "tools";

/** What can be switched while it runs, over `/_sandbox/*`; `POST /_sandbox/reset` puts everything back to how it was started. */
export interface Settings {
  forms: Forms;
  latency: { ms: number; jitterMs: number };
  delivery: DeliverySettings;
  /**
   * Where a cancel sleeps, in milliseconds: between reading the status and paying back, and between paying back and writing
   * the status. The real one has both gaps without any lock, so overlapping cancels refund twice; wider gaps show it sooner.
   */
  cancelPause: { beforeRefundMs: number; afterRefundMs: number };
  /** Full answers allowed to be in the making at once; one more gets the edge's HTML 503. */
  maxInFlight: number;
  /** After this long the caller gets 504 while the work may still land. */
  requestLimitMs: number;
  /** Unwrapped handlers close the connection after an error without announcing it (greenhelix.md section 3). */
  closesAfterErrors: boolean;
}

export interface DeliverySettings {
  isEnabled: boolean;
  /** Extra copies of every delivery, under the same event id: 4 makes five deliveries. */
  duplicates: number;
  /** Each copy waits a random part of delayMs (at least 200 ms) instead of all of it: they arrive out of order. */
  isShuffled: boolean;
  delayMs: number;
  /** Event types that are delivered; null is all of them. */
  types: readonly string[] | null;
  /** Waits before the first, second, ... attempt; the number of entries is the number of attempts. */
  attemptDelaysMs: readonly number[];
  timeoutMs: number;
}

export const defaultDelivery: DeliverySettings = {
  isEnabled: true,
  duplicates: 0,
  isShuffled: false,
  delayMs: 0,
  types: null,
  attemptDelaysMs: [0, 10_000, 20_000],
  timeoutMs: 10_000,
};
