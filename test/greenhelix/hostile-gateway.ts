import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** What the hostile gateway does with one request it has read to its end. */
export interface Script {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** whole: as it should be. The others say where the answer breaks off, or that it never ends. */
  delivery?:
    | "whole"
    | "reset-unanswered"
    | "hang"
    | "reset-in-headers"
    | "reset-in-body"
    | "hang-in-body"
    | "drip"
    | "endless";
  /** Whether the effect takes place, answered or not. */
  effect?: boolean;
  /** Closes the connection after the answer without having said so, as the real one does after some errors. */
  closesAfter?: boolean;
}

export interface SeenRequest {
  line: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface HostileGateway {
  url: string;
  port: number;
  /** The script of every request from now on, or one that chooses by request. */
  play(script: Script | ((request: SeenRequest) => Script)): void;
  requests: SeenRequest[];
  effects: number;
  connections: number;
  /** Bytes handed to the sockets so far: what a client that stops reading keeps small. */
  bytesWritten(): number;
  close(): Promise<void>;
}

/** A gateway made of raw sockets, since no HTTP server lets itself be this rude. */
export async function startHostileGateway(): Promise<HostileGateway> {
  let choose: (request: SeenRequest) => Script = () => ({});
  const sockets = new Set<Socket>();
  let closedBytes = 0;
  const server = createServer((socket) => {
    gateway.connections += 1;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      closedBytes += socket.bytesWritten;
    });
    readRequests(socket, (request) => {
      gateway.requests.push(request);
      const script = choose(request);
      if (script.effect) gateway.effects += 1;
      perform(socket, script);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const gateway: HostileGateway = {
    url: `http://127.0.0.1:${port}`,
    port,
    play(script) {
      choose = typeof script === "function" ? script : () => script;
    },
    requests: [],
    effects: 0,
    connections: 0,
    bytesWritten: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, closedBytes),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return gateway;
}

function perform(socket: Socket, script: Script): void {
  const { status = 200, body = "{}", delivery = "whole", headers = { "content-type": "application/json" } } = script;
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const isEndless = delivery === "endless" || delivery === "drip";
  const length = isEndless ? "transfer-encoding: chunked\r\n" : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `HTTP/1.1 ${status} X\r\n${named.join("")}${length}\r\n`;
  if (delivery === "hang") return;
  if (delivery === "reset-unanswered") socket.resetAndDestroy();
  else if (delivery === "reset-in-headers") socket.write(head.slice(0, 12), () => socket.resetAndDestroy());
  else if (delivery === "reset-in-body") socket.write(head + body.slice(0, -1), () => socket.resetAndDestroy());
  else if (delivery === "hang-in-body") socket.write(head + body.slice(0, -1));
  else if (isEndless) pour(socket, head, delivery === "drip" ? 1 : 16_384);
  else socket.write(head + body, () => script.closesAfter && socket.end());
}

/** Chunks without end: as fast as they are taken, or one byte every few milliseconds. */
function pour(socket: Socket, head: string, size: number): void {
  socket.write(head);
  const chunk = `${size.toString(16)}\r\n${" ".repeat(size)}\r\n`;
  const next = (): void => {
    if (socket.destroyed) return;
    if (size === 1) socket.write(chunk, () => setTimeout(next, 5));
    else if (socket.write(chunk)) setImmediate(next);
    else socket.once("drain", next);
  };
  next();
}

function readRequests(socket: Socket, onRequest: (request: SeenRequest) => void): void {
  let pending = "";
  socket.on("data", (data) => {
    pending += data.toString("latin1");
    for (;;) {
      const headEnd = pending.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const [line = "", ...rows] = pending.slice(0, headEnd).split("\r\n");
      const headers = Object.fromEntries(
        rows.map((row) => [row.split(":")[0]!.toLowerCase(), row.slice(row.indexOf(":") + 1).trim()]),
      );
      const end = headEnd + 4 + Number(headers["content-length"] ?? 0);
      if (pending.length < end) return;
      const body = pending.slice(headEnd + 4, end);
      pending = pending.slice(end);
      onRequest({ line, headers, body });
    }
  });
}
