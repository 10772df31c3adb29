import type { ServerResponse } from "node:http";

export interface Stream {
  /** Headers and the first text; from now on what is sent goes out at once. */
  begin(first: string): void;
  /** Cuts a client that reads too slowly: it comes back. */
  send(text: string): void;
  end(): void;
  endIfOld(): void;
}

/** `no-transform` and x-accel-buffering: a proxy that gathers or compresses would tell late. */
const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-store, no-transform",
  "x-accel-buffering": "no",
  // So that a draining server has nothing left to wait for when the stream has ended.
  connection: "close",
};

/** One listener. `left` is called once it is gone, whoever ended it. */
export function openStream(
  res: ServerResponse,
  { lifetimeMs, mostUnreadBytes }: { lifetimeMs: number; mostUnreadBytes: number },
  left: () => void,
): Stream {
  const endsAt = performance.now() + lifetimeMs;
  let early: string | null = "";
  res.once("close", left);
  const send = (text: string) => {
    if (early !== null) {
      early += text;
      return;
    }
    // Ended, and perhaps still waiting for a client that reads no more: to write to it would be an error of the whole process.
    if (res.writableEnded) return;
    // What was told before is still unread: a lot at once is no reason, since that takes a moment to go out.
    if (res.writableLength > mostUnreadBytes) res.destroy();
    else res.write(text);
  };
  const end = () => void res.end();
  return {
    send,
    end,
    begin(first) {
      const waited = early ?? "";
      early = null;
      if (res.writableEnded || res.destroyed) return;
      res.writeHead(200, headers);
      if (res.req.method === "HEAD") return end();
      res.flushHeaders();
      send(first + waited);
    },
    endIfOld() {
      // At the look after its end it should be gone: whoever reads no more holds no place.
      if (res.writableEnded) res.destroy();
      else if (performance.now() >= endsAt) end();
    },
  };
}
