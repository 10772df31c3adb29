import { createConnection } from "node:net";
import { describe, expect, it } from "vitest";
import { type OpenSandbox, openSandbox, placeAgent } from "./open-sandbox.ts";

const cancel = (sandbox: OpenSandbox, id: string) =>
  sandbox.agent("buyer")("POST", `/v1/payments/escrows/${id}/cancel`);
const refundsOf = async (sandbox: OpenSandbox, id: string): Promise<number> =>
  (await sandbox.control("GET", "/state")).body.refunds[id] ?? 0;

async function withFault(rule: Record<string, unknown>): Promise<{ sandbox: OpenSandbox; id: string }> {
  const sandbox = await openSandbox({ requestLimitMs: 400 });
  const [id] = await placeAgent(sandbox, {}, 1);
  await sandbox.control("POST", "/faults", { match: { tool: "cancel_escrow" }, times: 1, ...rule });
  return { sandbox, id: id! };
}

describe("a fault that strikes before the effect", () => {
  it.each([
    ["429", 429],
    ["500-before", 500],
    ["503-html", 503],
  ])("%s answers %i and leaves the escrow held, once", async (kind, status) => {
    const { sandbox, id } = await withFault({ kind });
    expect((await cancel(sandbox, id)).status).toBe(status);
    expect(await refundsOf(sandbox, id)).toBe(0);
    expect((await cancel(sandbox, id)).status).toBe(200);
  });

  it("speaks the edge's HTML as 503-html", async () => {
    const { sandbox, id } = await withFault({ kind: "503-html" });
    const answer = await cancel(sandbox, id);
    expect([answer.headers.get("content-type"), answer.body]).toEqual(["text/html", expect.stringContaining("<html>")]);
  });

  it("cuts the connection as reset-before", async () => {
    const { sandbox, id } = await withFault({ kind: "reset-before" });
    await expect(cancel(sandbox, id)).rejects.toThrow();
    expect(await refundsOf(sandbox, id)).toBe(0);
  });
});

describe("a fault that strikes after the effect", () => {
  it("answers 500 although the money is back", async () => {
    const { sandbox, id } = await withFault({ kind: "500-after" });
    expect((await cancel(sandbox, id)).status).toBe(500);
    expect(await refundsOf(sandbox, id)).toBe(1);
    expect((await cancel(sandbox, id)).status).toBe(409);
  });

  it("cuts the connection although the money is back", async () => {
    const { sandbox, id } = await withFault({ kind: "reset-after" });
    await expect(cancel(sandbox, id)).rejects.toThrow();
    expect(await refundsOf(sandbox, id)).toBe(1);
  });

  it("sends the headers at once and the body too slowly to wait for", async () => {
    const { sandbox, id } = await withFault({ kind: "slow-body", lateMs: 60_000 });
    const signal = AbortSignal.timeout(500);
    const headers = { authorization: "Bearer sandbox-agent-buyer" };
    const answer = await fetch(`${sandbox.url}/v1/payments/escrows/${id}/cancel`, { method: "POST", headers, signal });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(await refundsOf(sandbox, id)).toBe(1);
  });
});

describe("a cancel that times out and lands late", () => {
  it("gives the caller 504 at the request limit, and pays back afterwards", async () => {
    const { sandbox, id } = await withFault({ kind: "timeout-late-effect", lateMs: 600 });
    const answer = await cancel(sandbox, id);
    expect([answer.status, answer.body.instance]).toEqual([504, undefined]);
    expect(await refundsOf(sandbox, id)).toBe(0);
    await expect.poll(() => refundsOf(sandbox, id)).toBe(1);
  });

  it("refunds twice when it is repeated meanwhile, as its status was read before", async () => {
    const { sandbox, id } = await withFault({ kind: "timeout-late-effect", lateMs: 800 });
    const late = cancel(sandbox, id);
    await expect.poll(async () => (await sandbox.control("GET", "/faults")).body.faults[0].struck).toBe(1);
    expect((await cancel(sandbox, id)).status).toBe(200);
    await late;
    await expect.poll(() => refundsOf(sandbox, id)).toBe(2);
  });

  it("lands after its caller hung up", async () => {
    const { sandbox, id } = await withFault({ kind: "timeout-late-effect", lateMs: 300 });
    const options = {
      method: "POST",
      headers: { authorization: "Bearer sandbox-agent-buyer" },
      signal: AbortSignal.timeout(100),
    };
    await expect(fetch(`${sandbox.url}/v1/payments/escrows/${id}/cancel`, options)).rejects.toThrow();
    await expect.poll(() => refundsOf(sandbox, id)).toBe(1);
  });

  it("delays a budget write the same way", async () => {
    const sandbox = await openSandbox({ requestLimitMs: 100 });
    await placeAgent(sandbox, { dailyCap: "100" });
    await sandbox.control("POST", "/faults", {
      match: { route: "set_budget_cap" },
      kind: "timeout-late-effect",
      lateMs: 300,
    });
    const path = "/v1/billing/wallets/buyer/budget";
    expect((await sandbox.agent("buyer")("PUT", path, { daily_cap: "0" })).status).toBe(504);
    const cap = async () => (await sandbox.agent("buyer")("GET", path)).body.daily_cap;
    expect(await cap()).toBe(100);
    await expect.poll(cap).toBe(0);
  });
});

describe("a rule", () => {
  it("strikes only the agent and escrow it names", async () => {
    const sandbox = await openSandbox();
    const [first, second] = await placeAgent(sandbox, {}, 2);
    await sandbox.control("POST", "/faults", [
      { match: { escrowId: first }, kind: "500-before" },
      { match: { tool: "get_budget_status", agentId: "other" }, kind: "429" },
    ]);
    expect((await cancel(sandbox, first!)).status).toBe(500);
    expect((await cancel(sandbox, second!)).status).toBe(200);
    expect((await sandbox.agent("buyer")("GET", "/v1/billing/wallets/buyer/budget")).status).toBe(200);
    expect((await sandbox.admin("GET", "/v1/billing/wallets/other/budget")).status).toBe(429);
  });

  it("reaches the tools form by the same tool name", async () => {
    const { sandbox, id } = await withFault({ kind: "500-after" });
    const answer = await sandbox.agent("buyer")("POST", "/v1", { tool: "cancel_escrow", input: { escrow_id: id } });
    expect(answer.status).toBe(500);
    expect(await refundsOf(sandbox, id)).toBe(1);
  });

  it("strikes by chance when it has a probability, and not any more when it is cleared", async () => {
    const draws = [0.9, 0.1];
    const sandbox = await openSandbox({ random: () => draws.shift() ?? 0 });
    await sandbox.control("POST", "/faults", { match: { tool: "health" }, kind: "500-before", probability: 0.5 });
    const health = async () => (await sandbox.as(undefined)("GET", "/v1/health")).status;
    expect([await health(), await health()]).toEqual([200, 500]);
    const [rule] = (await sandbox.control("GET", "/faults")).body.faults;
    expect(rule).toMatchObject({ struck: 1 });
    expect((await sandbox.control("DELETE", `/faults/${rule.id}`)).body.removed).toBe(true);
    expect(await health()).toBe(200);
  });
});

describe("a gateway that has too much to do", () => {
  it("answers 503 in HTML above its limit of answers in the making", async () => {
    const sandbox = await openSandbox({ maxInFlight: 1, cancelPause: { beforeRefundMs: 300 } });
    const [id] = await placeAgent(sandbox, {}, 1);
    const busy = cancel(sandbox, id!);
    await expect.poll(async () => (await sandbox.control("GET", "/requests")).body.inFlight).toBe(1);
    expect((await sandbox.as(undefined)("GET", "/v1/health")).status).toBe(503);
    expect((await busy).status).toBe(200);
  });

  it("waits as long as its latency before it answers", async () => {
    const sandbox = await openSandbox();
    await sandbox.control("PUT", "/latency", { ms: 120 });
    const startedMs = performance.now();
    await sandbox.as(undefined)("GET", "/v1/health");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(115);
  });
});

describe("an error of an unwrapped handler", () => {
  it("is followed by a closed connection that nothing announced", async () => {
    const sandbox = await openSandbox();
    const { closed, text } = await rawRequest(sandbox.port, "GET /v1/billing/wallets/x/balance HTTP/1.1");
    expect(text).toContain("404 Not Found");
    expect(text.toLowerCase()).not.toContain("connection: close");
    expect(closed).toBe(true);
  });
});

/** A keep-alive connection of our own, to see what becomes of it after the answer. */
function rawRequest(port: number, line: string): Promise<{ closed: boolean; text: string }> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = createConnection(port, "127.0.0.1");
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("error", reject);
    socket.once("end", () => resolve({ closed: true, text }));
    socket.setTimeout(3_000, () => {
      socket.destroy();
      resolve({ closed: false, text });
    });
    socket.write(`${line}\r\nHost: x\r\nAuthorization: Bearer sandbox-agent-x\r\n\r\n`);
  });
}
