import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "undici";

export interface RoundRobin {
  url: string;
  /** How many requests each address behind it has answered. */
  answered: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** A load balancer at its simplest: one address after the other, and 502 for whoever met one that is gone. */
export async function startRoundRobin(urls: readonly string[]): Promise<RoundRobin> {
  const answered = new Map(urls.map((url) => [url, 0]));
  let turn = 0;
  const server = createServer(async (incoming, outgoing) => {
    const url = urls[turn++ % urls.length]!;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
    try {
      const answer = await request(`${url}${incoming.url}`, {
        method: incoming.method as "GET" | "POST",
        headers,
        ...(incoming.method === "POST" && { body: Buffer.concat(chunks) }),
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      answered.set(url, answered.get(url)! + 1);
      outgoing.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) }).end(body);
    } catch {
      outgoing.writeHead(502).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
