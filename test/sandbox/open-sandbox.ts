import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { fetch } from "undici";
import { onTestFinished } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";

/** A sandbox of one test's own, spoken to over real HTTP; gone when the test is. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read into bodies whose shape is what they test.
  body: any;
}

export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface OpenSandbox extends Sandbox {
  /** With a key; `sandbox-agent-<id>` speaks for an agent. */
  as(token: string | undefined): Caller;
  agent(agentId: string): Caller;
  admin: Caller;
  /** The routes under /_sandbox. */
  control: Caller;
}

export async function openSandbox(options: SandboxOptions = {}): Promise<OpenSandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  const as =
    (token: string | undefined): Caller =>
    (method, path, body, headers = {}) =>
      call(sandbox.url + path, method, body, {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      });
  const control: Caller = (method, path, body) =>
    as(undefined)(method, `/_sandbox${path}`, body, { "content-type": "application/json" });
  return { ...sandbox, as, agent: (agentId) => as(`sandbox-agent-${agentId}`), admin: as("sandbox-admin"), control };
}

async function call(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
    signal: AbortSignal.timeout(10_000),
  });
  const received = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers as Headers,
    body: isJson ? JSON.parse(received) : received,
  };
}

/** An agent with money, caps and (if asked) held escrows towards `payee`. */
export async function placeAgent(
  sandbox: OpenSandbox,
  agent: Record<string, unknown> = {},
  held = 0,
): Promise<string[]> {
  await sandbox.control("POST", "/agents", { agentId: "buyer", balance: "100000", ...agent });
  if (held === 0) return [];
  const made = await sandbox.control("POST", "/escrows", {
    payer: agent.agentId ?? "buyer",
    payee: "seller",
    amount: "150",
    count: held,
  });
  return made.body.escrowIds;
}

export function tail(answer: Answer): string {
  return String(answer.body.type).split("/").at(-1)!;
}

export interface Received {
  body: string;
  headers: IncomingHttpHeaders;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Resolves when so many deliveries have come in. */
  count(expected: number): Promise<Received[]>;
}

/** A webhook receiver that keeps what it gets and answers as told. */
export async function openReceiver(answer: (nth: number) => number = () => 204): Promise<Receiver> {
  const received: Received[] = [];
  const waiting: Array<{ expected: number; resolve: (rows: Received[]) => void }> = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    received.push({ body: Buffer.concat(chunks).toString(), headers: req.headers });
    res.writeHead(answer(received.length), { connection: "close", location: "http://127.0.0.1:1/" }).end();
    for (const waiter of waiting) if (received.length >= waiter.expected) waiter.resolve(received);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    count: (expected) =>
      received.length >= expected
        ? Promise.resolve(received)
        : new Promise((resolve) => waiting.push({ expected, resolve })),
  };
}
