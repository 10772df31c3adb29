import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import { listen } from "../../../src/http/listen.ts";

/** What an intake costs at least: read the body, answer 202, do nothing else. Its argument says on what. */
async function start(name: string): Promise<string> {
  if (name === "tuned-express") return (await listen(bareExpress(), { port: 0, host: "127.0.0.1" })).url;
  const server = createServer(name === "stock-express" ? bareExpress() : bare);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function bareExpress(): Express {
  const app = express();
  app.post("/webhooks/greenhelix", express.raw({ type: () => true, limit: "64kb" }), (_req, res) => {
    res.status(202).end();
  });
  return app;
}

function bare(req: IncomingMessage, res: ServerResponse): void {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    Buffer.concat(chunks);
    res.writeHead(202, { "content-length": 0 });
    res.end();
  });
}

process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true, url: await start(process.argv[2] ?? "") });
