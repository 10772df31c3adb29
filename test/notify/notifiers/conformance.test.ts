import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isTransient, TourniquetError } from "../../../src/errors.ts";
import { channels } from "../../../src/incident/escalation.ts";
import { type Notifiers, openNotifiers } from "../../../src/notify/notifiers/index.ts";
import type { Message } from "../../../src/notify/notifiers/notifier.ts";
import { judge } from "../../../src/notify/notifiers/post.ts";
import { silent } from "../../runbooks/step-ports.ts";
import { type Receiver, startReceiver, status } from "../receiver.ts";
import { allAt, aPage, onlyAt, secrets } from "./channels.ts";

const options = { allowPrivateHosts: false };
const message = (more: Partial<Message> = {}): Message => ({
  id: "msg_1",
  at: Date.UTC(2026, 10, 20, 2, 47),
  now: Date.now(),
  notification: aPage(),
  ...more,
});

let receiver: Receiver;
let notifiers: Notifiers;
beforeAll(async () => {
  receiver = await startReceiver();
  notifiers = openNotifiers(allAt(receiver.url), options, silent);
});
afterAll(async () => {
  await notifiers.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answers.length = 0;
});

const named = (url: string): RegExp => new RegExp(url.replace(/^http:\/\//, "").replaceAll(".", "\\."));

/** Sends, and answers the error; every error must name the channel, and none may say where it leads or how it is signed. */
async function refusalOf(send: () => Promise<unknown>, channel: string): Promise<TourniquetError> {
  const error = await send().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TourniquetError)) throw new Error(`not one of our errors: ${error}`);
  expect(error.message).toMatch(new RegExp(`^${channel} `));
  const said = `${error.message} ${error.stack} ${JSON.stringify(error.detail)} ${error.cause ?? ""}`;
  for (const secret of secrets) expect(said).not.toContain(secret);
  expect(said).not.toMatch(named(receiver.url));
  return error;
}

describe.each(channels)("every notifier: %s", (channel) => {
  const send = (limits?: { deadlineMs?: number }, more?: Partial<Message>) =>
    notifiers.of(channel)!.send(message(more), limits);

  it.each([200, 201, 202, 204])("is told by a %i, and keeps what the receiver calls the delivery", async (code) => {
    receiver.answers.push(status(code, { "x-request-id": "req-77" }, code === 204 ? "" : "<not json>"));
    expect(await send()).toEqual({ answerId: "req-77" });
    expect(receiver.received).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409, 410, 413, 422])("gives up at a %i, and says what to mend", async (code) => {
    receiver.answers.push(status(code, {}, `your key ${secrets.join(" ")} is wrong`));
    const error = await refusalOf(send, channel);
    expect(error).toMatchObject({ code: "notifier-refused", message: expect.stringContaining(`status ${code}`) });
    expect(error.message).toMatch(/SLACK_WEBHOOK_URL|PAGERDUTY|NOTIFY_WEBHOOK|incoming webhook/);
    expect(isTransient(error)).toBe(false);
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 599])("is tried again after a %i", async (code) => {
    receiver.answers.push(status(code));
    const error = await refusalOf(send, channel);
    expect(error.code).toBe("notifier-failed");
    expect(error.detail.retryAfterMs).toBeUndefined();
  });

  it.each([
    ["7", 7_000],
    ["0", 0],
    ["86400", 60_000],
    [new Date(Date.now() - 5_000).toUTCString(), 0],
    [new Date(Date.now() + 86_400_000).toUTCString(), 60_000],
    ["soon", undefined],
    ["-1", undefined],
  ])("waits as long as the receiver asks, at most a minute: Retry-After %s", async (header, retryAfterMs) => {
    receiver.answers.push(status(429, { "retry-after": header }));
    const { detail } = await refusalOf(send, channel);
    // "-1" reads as a year to Date.parse, long past: no wait either.
    expect(detail.retryAfterMs ?? 0).toBe(retryAfterMs ?? 0);
  });

  it.each([301, 302, 307, 308])("follows no redirect (%i)", async (code) => {
    receiver.answers.push(status(code, { location: `${receiver.url}/elsewhere` }));
    expect((await refusalOf(send, channel)).code).toBe("notifier-refused");
    expect(receiver.received).toHaveLength(1);
  });

  it("is tried again where nobody answers the door", async () => {
    const port = await freePort();
    const nobody = openNotifiers(onlyAt(channel, `http://127.0.0.1:${port}`), options, silent);
    const error = await refusalOf(() => nobody.of(channel)!.send(message()), channel);
    expect(error).toMatchObject({ code: "notifier-failed", message: expect.stringContaining("ECONNREFUSED") });
    await nobody.close();
  });

  it("is tried again where the connection breaks before an answer", async () => {
    receiver.answers.push((_, socket) => socket.resetAndDestroy());
    expect((await refusalOf(send, channel)).code).toBe("notifier-failed");
  });

  it("is tried again where no answer comes in time", async () => {
    receiver.answers.push(() => undefined);
    const error = await refusalOf(() => send({ deadlineMs: 60 }), channel);
    expect(error.message).toContain("no answer within 60 ms");
  });

  it("is tried again where an error drips in", async () => {
    receiver.answers.push((response) => {
      response.writeHead(500, { "content-length": "1000" });
      response.write("slow");
    });
    expect((await refusalOf(() => send({ deadlineMs: 60 }), channel)).code).toBe("notifier-failed");
  });

  it.each([
    ["drips", (response: ServerResponse) => void response.writeHead(202).write("slow")],
    ["is huge", (response: ServerResponse) => void response.writeHead(202).end("x".repeat(300_000))],
    [
      "breaks off",
      (response: ServerResponse) => {
        response.writeHead(202, { "content-length": "1000" });
        response.write("half", () => response.socket?.resetAndDestroy());
      },
    ],
  ])("is told by a 2xx though the rest of the answer %s: asking again would page twice", async (_, answer) => {
    receiver.answers.push(answer);
    await expect(send({ deadlineMs: 150 })).resolves.toHaveProperty("answerId");
    expect(receiver.received).toHaveLength(1);
  });

  it("makes no id of an answer's header that is none", async () => {
    receiver.answers.push(status(202, { "x-request-id": "<script>" }));
    expect(await send()).toEqual({ answerId: null });
  });

  it.each([
    ["unicode", aPage({ title: "Überwies 💸 \u0000\u0007 an 代理-7", lines: ["Ωmega\nzwei Zeilen", "\ud83d"] })],
    [
      "texts too long for anybody",
      aPage({ title: "x".repeat(5_000), lines: ["<&>".repeat(4_000), "y".repeat(9_000)] }),
    ],
    ["nothing to say", aPage({ title: "", lines: [], link: null, agentId: null, incidentId: null })],
    ["more lines than a message takes", aPage({ lines: Array.from({ length: 500 }, () => "z".repeat(2_000)) })],
    ["a key longer than is allowed", aPage({ dedupKey: "k".repeat(400) })],
  ])("sends %s as JSON that can be read", async (_, notification) => {
    await send({}, { notification });
    expect(receiver.received[0]!.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(receiver.received[0]!.text)).toBeTypeOf("object");
    expect(Buffer.byteLength(receiver.received[0]!.text)).toBeLessThan(2_000_000);
  });

  it("names the same page the same way at every attempt", async () => {
    const names = () =>
      receiver.received.map(({ text, headers }) => {
        const { dedup_key: key } = JSON.parse(text);
        return [key, headers["webhook-id"]];
      });
    await send();
    await send({}, { now: Date.now() + 60_000 });
    expect(names()[0]).toEqual(names()[1]);
  });

  it("does not call a private address, whatever name leads there, unless that is allowed", () => {
    const at = (url: string, allowPrivateHosts: boolean) => () =>
      openNotifiers(onlyAt(channel, url), { allowPrivateHosts }, silent);
    for (const url of ["https://10.0.0.5", "https://169.254.169.254", "https://[fd00::1]"]) {
      expect(at(url, false)).toThrow(/private network/);
      expect(at(url, true)).not.toThrow();
    }
    expect(at("http://receiver.example", true)).toThrow(/plain http/);
    expect(at("https://user:word@receiver.example", true)).toThrow(/user name or password/);
  });
});

describe("a name that leads into a private network", () => {
  it("is no trouble that passes: the page is not tried again before somebody mends it", async () => {
    const target = { channel: "webhook", url: "https://receiver.example/x", setting: "NOTIFY_WEBHOOK_URL" } as const;
    // As outbound's guard ends a call whose name it looked up (test/greenhelix/http.test.ts).
    const failure = new TourniquetError("config-invalid", "the name receiver.example resolves to 10.0.0.5");
    const ending = { sent: false, status: undefined, headers: {}, body: undefined, failure, durationMs: 1 };
    const error = await refusalOf(async () => judge({ ...target, mend: () => "" }, ending), "webhook");
    expect(error).toMatchObject({ code: "notifier-refused", message: expect.stringMatching(/private network/) });
    expect(error.message).not.toContain("receiver.example");
  });
});

/** A port that nobody listens on: one that was just given back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
