import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Agent, type Dispatcher, request } from "undici";

export interface Gate {
  url: string;
  passed(): number;
  refused(): number;
}

/** A token bucket in front of the sandbox, whose own limit is a sliding hour and too long for a benchmark. */
export async function openGate(target: string, limit: { perSecond: number; burst: number }): Promise<Gate> {
  const dispatcher = new Agent({ connections: 1_024 });
  const bucket = createBucket(limit);
  const counts = { passed: 0, refused: 0 };
  const server = createServer((req, res) => {
    if (bucket.take()) {
      counts.passed += 1;
      void pass(req, res, target, dispatcher);
    } else {
      counts.refused += 1;
      res.writeHead(429, { "content-type": "application/problem+json" });
      res.end('{"type":"rate-limit-exceeded","title":"Too Many Requests","status":429}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, passed: () => counts.passed, refused: () => counts.refused };
}

function createBucket({ perSecond, burst }: { perSecond: number; burst: number }): { take(): boolean } {
  let tokens = burst;
  let filledAt = performance.now();
  return {
    take() {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1000);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

const PASSED_ON = ["authorization", "content-type", "idempotency-key"] as const;

async function pass(req: IncomingMessage, res: ServerResponse, target: string, dispatcher: Agent): Promise<void> {
  const headers = PASSED_ON.map((name) => [name, req.headers[name] ?? ""]).filter(([, value]) => value !== "");
  const body = await buffer(req);
  const answer = await request(`${target}${req.url}`, {
    method: (req.method ?? "GET") as Dispatcher.HttpMethod,
    headers: Object.fromEntries(headers),
    body: body.length > 0 ? body : null,
    dispatcher,
  });
  const type = answer.headers["content-type"]?.toString();
  res.writeHead(answer.statusCode, type === undefined ? {} : { "content-type": type });
  res.end(Buffer.from(await answer.body.arrayBuffer()));
}
