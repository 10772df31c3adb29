/**
 * Idempotency-Key of changes over HTTP (IETF draft-ietf-httpapi-idempotency-key-header): the first request with a key is
 * worked, the same one again gets the first one's answer. Kept for 24 h, and never worked a second time in them unless it is
 * certain that nothing was done. Throws redis-unavailable, redis-full.
 */
export interface IdempotencyKeys {
  /**
   * whose: credential, operation and key. request: canonical JSON of what was asked. go: it is yours. outcome-unknown: the first
   * one was cut off, or has not been heard of for a minute.
   */
  claim(
    whose: string,
    request: string,
  ): Promise<{ answer: "done"; reply: string } | { answer: "go" | "in-hand" | "outcome-unknown" | "another-request" }>;
  /** What is answered from now on; reply: JSON. */
  keep(whose: string, request: string, reply: string): Promise<void>;
  /** Nothing was done: whoever comes with the key again is the first. */
  release(whose: string): Promise<void>;
  /** It was begun, and nobody knows what became of it. */
  cutOff(whose: string, request: string): Promise<void>;
}
