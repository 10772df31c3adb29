import type { IncomingMessage } from "node:http";

/** What a sender may go on sending past the limit before the connection is cut instead of drained. */
const DRAIN_BYTES = 16 * 1_048_576;

/**
 * The body's bytes as sent, since the signature covers exactly these; or "too-large" as soon as that is known, declared or
 * counted. "aborted": the sender went away and nobody waits for an answer. The rest of a body that is too large is read and
 * dropped, so that the answer reaches a sender that is still writing.
 */
export function readRawBody(req: IncomingMessage, limitBytes: number): Promise<Buffer | "too-large" | "aborted"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    if (Number(req.headers["content-length"]) > limitBytes) resolve("too-large");
    req.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limitBytes) chunks.push(chunk);
      else if (length > DRAIN_BYTES) req.destroy();
      else resolve("too-large");
    });
    req.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    // Only an end that was no end: after "end" the promise is settled already.
    req.on("close", () => resolve("aborted"));
  });
}
