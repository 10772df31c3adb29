import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectGateway, type GatewaySettings } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import type { ActionKey } from "../../src/incident/gateway.ts";
import { guardedLookup } from "../../src/outbound/guarded-lookup.ts";
import { type HostileGateway, startHostileGateway } from "./hostile-gateway.ts";

const secret = "a2a_pro_0123456789abcdef01234567";
const budget = '{"daily_cap": 5, "monthly_cap": null}';
let hostile: HostileGateway;
let opened: { close(): Promise<void> }[];

const connect = (settings: Partial<GatewaySettings> = {}) => {
  const gateway = connectGateway({ baseUrl: hostile.url, dialect: "rest", keyFor: oneKey(secret), ...settings });
  opened.push(gateway);
  return gateway;
};

/** The error of a read that must fail. */
const failure = (read: Promise<unknown>) =>
  read.then(
    () => Promise.reject(new Error("did not fail")),
    (error) => error,
  );

beforeEach(async () => {
  hostile = await startHostileGateway();
  opened = [];
});

afterEach(async () => {
  await hostile.close();
  await Promise.all(opened.map((gateway) => gateway.close()));
});

describe("a gateway that never finishes", () => {
  it.each(["hang", "hang-in-body", "drip", "endless"] as const)(
    "is left at the deadline when it plays %s",
    async (delivery) => {
      hostile.play({ delivery, body: budget });
      const gateway = connect({ maxResponseBytes: 1 << 30 });
      const ended: number[] = [];
      const read = (deadlineMs: number) =>
        failure(gateway.readBudget("a", { deadlineMs })).finally(() => ended.push(deadlineMs));
      const patient = read(10_000);
      expect(await read(150)).toMatchObject({ code: "gateway-timeout", detail: { tool: "get_budget_status" } });
      // At its own deadline, and not at another's or by the gateway.
      expect(ended).toEqual([150]);
      await hostile.close();
      await patient;
    },
  );

  it("is read no further than the limit", async () => {
    hostile.play({ delivery: "endless" });
    expect(await failure(connect().readBudget("a"))).toMatchObject({ code: "gateway-unreadable" });
    // What was written beyond the limit is what the sockets on both sides hold.
    expect(hostile.bytesWritten()).toBeLessThan(16 * 1024 * 1024);
  });

  it("is not believed when it announces fifty megabytes", async () => {
    hostile.play({ headers: { "content-type": "application/json" }, body: `{"a":"${"x".repeat(50_000_000)}"}` });
    expect(await failure(connect().readBudget("a"))).toMatchObject({ code: "gateway-unreadable" });
  });
});

describe("a process that was held up after it looked whether it may still call", () => {
  it("sends nothing once its time is over, and what still goes out is sent", async () => {
    hostile.play({ body: JSON.stringify({ id: "e", status: "refunded" }) });
    const gateway = connect();
    const sent = (sendBy: number) => gateway.cancelEscrow("a", "e", "why", "cancel:e" as ActionKey, { sendBy });
    expect(await sent(performance.now() - 1)).toMatchObject({
      outcome: "not-done",
      error: { code: "gateway-timeout" },
    });
    expect(hostile.requests).toEqual([]);
    expect(await sent(performance.now() + 60_000)).toMatchObject({ outcome: "done" });
    expect(hostile.requests).toHaveLength(1);
  });
});

describe("a gateway that redirects", () => {
  it("is not followed, and the mend is named", async () => {
    hostile.play({ status: 307, headers: { location: "http://169.254.169.254/latest/meta-data" } });
    const error = await failure(connect().readBudget("a"));
    expect(error).toMatchObject({
      code: "gateway-misconfigured",
      message: expect.stringContaining("GREENHELIX_BASE_URL"),
    });
    expect([hostile.connections, hostile.requests.length]).toEqual([1, 1]);
  });
});

describe("a gateway that cannot be reached", () => {
  it("leaves a write not done, as nothing was sent", async () => {
    await hostile.close();
    const answer = await connect().cancelEscrow("a", "e", "why", "cancel:e" as ActionKey);
    expect(answer).toMatchObject({ outcome: "not-done", error: { code: "gateway-unreachable" } });
    hostile = await startHostileGateway();
  });

  it("leaves a write not done when its turn for a connection never came", async () => {
    hostile.play({ delivery: "hang" });
    const gateway = connect({ connections: 1 });
    const held = new AbortController();
    const first = gateway.cancelEscrow("a", "e1", "why", "cancel:e1" as ActionKey, { signal: held.signal });
    const second = await gateway.cancelEscrow("a", "e2", "why", "cancel:e2" as ActionKey, { deadlineMs: 50 });
    expect(second).toMatchObject({ outcome: "not-done", error: { code: "gateway-timeout" } });
    held.abort();
    expect(await first).toMatchObject({ outcome: "unknown" });
    // The connection is free now; what was called not done must not leave late.
    hostile.play({ body: budget });
    await gateway.readBudget("a");
    expect(hostile.requests.map(({ line }) => line).filter((line) => line.includes("e2"))).toEqual([]);
  });

  it("sends nothing for a caller that has already given up", async () => {
    const answer = await connect().cancelEscrow("a", "e", "why", "cancel:e" as ActionKey, {
      signal: AbortSignal.abort(),
    });
    expect(answer).toMatchObject({ outcome: "not-done" });
    expect(hostile.requests).toEqual([]);
  });

  it("leaves a write not done when the other side speaks no TLS", async () => {
    const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const { port } = plain.address() as { port: number };
    const answer = await connect({ baseUrl: `https://127.0.0.1:${port}` }).cancelEscrow("a", "e", "", "k" as ActionKey);
    expect(answer).toMatchObject({ outcome: "not-done", error: { code: "gateway-unreachable" } });
    plain.close();
  });
});

describe("a connection the gateway closed silently after an error", () => {
  it("does not spoil the calls that follow", async () => {
    const gateway = connect();
    hostile.play({ status: 500, closesAfter: true });
    expect(await failure(gateway.readBudget("a"))).toMatchObject({ code: "gateway-failed", detail: { status: 500 } });
    hostile.play({ body: budget });
    expect(await gateway.readBudget("a")).toMatchObject({ monthlyCap: null });
  });
});

describe("many calls at once", () => {
  it("run on sixty-four connections at most, and leave them warm", async () => {
    hostile.play({ body: '{"status":"refunded"}' });
    const gateway = connect();
    const cancelAll = () =>
      Promise.all(
        Array.from({ length: 312 }, (_, n) => gateway.cancelEscrow("a", `e${n}`, "", `cancel:e${n}` as ActionKey)),
      );
    const outcomes = new Set((await cancelAll()).map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(["done"]));
    const opened = hostile.connections;
    expect(opened).toBeLessThanOrEqual(64);
    await cancelAll();
    expect(hostile.connections).toBe(opened);
  });
});

describe("an error", () => {
  it("never holds the key, even if the gateway repeats it", async () => {
    hostile.play({
      status: 401,
      body: JSON.stringify({ type: `https://x/${secret}`, detail: `bad key ${secret}, Bearer ${secret}` }),
    });
    const error = await failure(connect().readBudget("a"));
    expect(error).toMatchObject({ code: "gateway-refused", detail: { status: 401 } });
    expect(`${error.message}${JSON.stringify(error.detail)}${error.stack}`).not.toContain(secret);
  });

  it("tells how long the gateway wants to be left alone, if it says so", async () => {
    hostile.play({ status: 429, headers: { "retry-after": "7" } });
    expect(await failure(connect().readBudget("a"))).toMatchObject({
      code: "gateway-rate-limited",
      detail: { retryAfterMs: 7000 },
    });
  });

  it("calls the edge's HTML 503 a failure, not a refusal", async () => {
    hostile.play({ status: 503, headers: { "content-type": "text/html" }, body: "<html>503</html>" });
    const answer = await connect().cancelEscrow("a", "e", "", "k" as ActionKey);
    expect(answer).toMatchObject({ outcome: "unknown", error: { code: "gateway-failed" } });
  });
});

describe("a gateway's name that leads to a private address", () => {
  const resolveTo = (address: string, rule = { isLoopback: false, allowPrivateHosts: false }) =>
    new Promise<{ error: unknown; address: unknown }>((answer) => {
      const resolve = guardedLookup({ ...rule, code: "gateway-misconfigured" }, (_host, _options, give) =>
        give(null, [{ address, family: address.includes(":") ? 6 : 4 }]),
      );
      resolve("gateway.example", {}, (error, found) => answer({ error, address: found }));
    });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
  ])("is not connected to (%s)", async (address) => {
    expect((await resolveTo(address)).error).toMatchObject({ code: "gateway-misconfigured" });
  });

  it.each(["93.184.216.34", "2606:2800:220:1::1", "172.32.0.1", "100.128.0.1"])(
    "is connected to if it is public (%s)",
    async (address) => {
      expect(await resolveTo(address)).toEqual({ error: null, address });
    },
  );

  it("is connected to if private hosts are allowed", async () => {
    expect(await resolveTo("10.1.2.3", { isLoopback: false, allowPrivateHosts: true })).toEqual({
      error: null,
      address: "10.1.2.3",
    });
  });

  it("is refused the other way round for localhost, which must stay on this machine", async () => {
    expect((await resolveTo("93.184.216.34", { isLoopback: true, allowPrivateHosts: false })).error).not.toBeNull();
  });
});
