import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";

/** The least a hand-off through Redis can be: the body goes to a stream, 202 when that is on disk. */
const redis = new Redis(process.argv[2] ?? "");
const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", async () => {
    await redis.xadd("bench:floor", "MAXLEN", "~", 10_000, "*", "body", Buffer.concat(chunks));
    res.writeHead(202, { "content-length": 0 });
    res.end();
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
