/**
 * Idempotency-Key of changes over HTTP (IETF draft-ietf-httpapi-idempotency-key-header): the first request with a key is
 * worked, the same one again gets the first one's answer. Kept for 24 h, and never worked a second time in them unless it is
 * certain that nothing was done. Throws redis-unavailable, redis-full.
 */
export interface IdempotencyKeys {
  /**
   * whose: credential, operation and key. request: canonical JSON of what was asked. go: it is yours for 10 s, in which it must
   * be begun. outcome-unknown: the first one was cut off, or has not been heard of for a minute since it was begun.
   */
  claim(
    whose: string,
    request: string,
  ): Promise<
    | { answer: "go"; order: ClaimedOrder }
    | { answer: "done"; reply: string }
    | { answer: "in-hand" | "outcome-unknown" | "another-request" }
  >;
}

/** An order that is ours. What nobody began is forgotten by itself; what somebody began is not. */
export interface ClaimedOrder {
  /** Right before the deed: true where it still is ours. Otherwise it must not be done: the claim was too old, and another may have it. */
  begin(): Promise<boolean>;
  /** What is answered from now on; reply: JSON. */
  keep(reply: string): Promise<void>;
  /** Nothing was done: whoever comes with the key again is the first. */
  release(): Promise<void>;
  /** It was begun, and nobody knows what became of it. */
  cutOff(): Promise<void>;
}
