/**
 * Idempotency-Key of changes over HTTP (IETF draft-ietf-httpapi-idempotency-key-header): the first request with a key is
 * worked, the same one again gets the first one's answer. Kept for 24 h. Throws redis-unavailable, redis-full.
 */
export interface IdempotencyKeys {
  /** whose: credential, operation and key. request: canonical JSON of what was asked. go: it is yours, at most a minute. */
  claim(
    whose: string,
    request: string,
  ): Promise<
    { answer: "go" } | { answer: "done"; reply: string } | { answer: "in-hand" } | { answer: "another-request" }
  >;
  /** What is answered from now on; reply: JSON. */
  keep(whose: string, request: string, reply: string): Promise<void>;
  /** It came to nothing: whoever comes with the key again is the first. */
  release(whose: string): Promise<void>;
}
