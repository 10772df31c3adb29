import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  path: string;
  headers: IncomingMessage["headers"];
  text: string;
}

/** Somebody who is told, over real HTTP. `answers` is what it does next, once each; then it says yes. */
export interface Receiver {
  url: string;
  received: Received[];
  /** The next answer, and those after it. */
  answers: ((response: ServerResponse, socket: Socket) => void)[];
  close(): Promise<void>;
}

export const status =
  (code: number, headers: Record<string, string> = {}, body = "") =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);

export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const answers: Receiver["answers"] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({
      path: request.url ?? "",
      headers: request.headers,
      text: Buffer.concat(chunks).toString("utf8"),
    });
    (answers.shift() ?? status(202, { "x-request-id": "req-1" }))(response, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
