import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConnectedAgentControl, connectAgentControl } from "../../src/agent-control/http.ts";
import type { AgentControl } from "../../src/incident/agent-control.ts";
import type { ActionKey, CallOptions, Outcome } from "../../src/incident/gateway.ts";
import { type HostileGateway, type Script, startHostileGateway } from "../greenhelix/hostile-gateway.ts";

const token = "control-token-0123456789";
const state = '{"tools":"none","isolated":true,"paused":true,"last_rotation":"rotate:a:1"}';
let hostile: HostileGateway;
let control: ConnectedAgentControl;
const connect = (baseUrl = hostile.url, allowPrivateHosts = false) =>
  connectAgentControl({ baseUrl, token, deadlineMs: 2_000, allowPrivateHosts });
beforeAll(async () => {
  hostile = await startHostileGateway();
  control = connect();
});
afterAll(async () => {
  await control.close();
  await hostile.close();
});
beforeEach(() => {
  hostile.requests.length = 0;
});
afterEach(() => hostile.play({}));

const key = (name: string): ActionKey => name as ActionKey;
const writes: Record<string, (control: AgentControl, options?: CallOptions) => Promise<Outcome<unknown>>> = {
  setTools: (one, options) => one.setTools("a", "none", options),
  setIsolated: (one, options) => one.setIsolated("a", true, options),
  setPaused: (one, options) => one.setPaused("a", true, options),
  rotateCredentials: (one, options) => one.rotateCredentials("a", key("rotate:a:1"), options),
};
const names = Object.keys(writes);

/** Plays one script against one write. Where it would hang, the caller gives up as soon as the platform has the request. */
async function meet(script: Script, write: string): Promise<Outcome<unknown>> {
  const caller = new AbortController();
  hostile.play(() => {
    if (script.delivery?.startsWith("hang")) setImmediate(() => caller.abort());
    return script;
  });
  return writes[write]!(control, { signal: caller.signal });
}

describe("what goes over the wire", () => {
  it("is what the contract says, with the token, and a key where twice is not once", async () => {
    hostile.play({ body: state });
    expect(await control.readState("a/../b".replaceAll("/", "-"))).toEqual({
      tools: "none",
      isolated: true,
      paused: true,
      lastRotation: "rotate:a:1",
    });
    hostile.play({});
    for (const write of names) await writes[write]!(control);
    expect(hostile.requests.map(({ line, body }) => `${line.replace(" HTTP/1.1", "")} ${body}`.trim())).toEqual([
      "GET /agents/a-..-b",
      'PUT /agents/a/tools {"mode":"none"}',
      'PUT /agents/a/network {"isolated":true}',
      'PUT /agents/a/execution {"paused":true}',
      "POST /agents/a/credentials/rotate",
    ]);
    for (const { headers } of hostile.requests) expect(headers.authorization).toBe(`Bearer ${token}`);
    expect(hostile.requests.at(-1)?.headers["idempotency-key"]).toBe("rotate:a:1");
  });

  it("goes under the path of the address, and not to where an agent's id would lead", async () => {
    const under = connect(`${hostile.url}/platform/`);
    hostile.play({ body: state });
    await under.readState("agent 7");
    expect(hostile.requests[0]?.line).toContain("GET /platform/agents/agent%207 ");
    expect(await under.setPaused("../admin", true)).toMatchObject({
      outcome: "not-done",
      error: { code: "input-invalid" },
    });
    await expect(under.readState("..")).rejects.toMatchObject({ code: "input-invalid" });
    expect(hostile.requests).toHaveLength(1);
    await under.close();
  });

  it("carries a rotation's key as its hash where no header can hold it", async () => {
    await control.rotateCredentials("a", key("rotate:agent ü:1"));
    await control.rotateCredentials("a", key("rotate:agent ü:1"));
    const keys = hostile.requests.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), keys[0]]);
  });
});

/** Everything that may come back from a call that did have its effect. */
const anyOther = [200, 201, 202, 204, 302, 307, 408, 409, 423, 425, 500, 502, 503, 504, 599];
const scriptWithEffect: fc.Arbitrary<Script> = fc.record({
  status: fc.constantFrom(...anyOther),
  body: fc.constantFrom("{}", '{"rotated":2}', "<html>down</html>", "half a {", "", "null", "[1]"),
  delivery: fc.constantFrom("whole", "reset-unanswered", "hang", "reset-in-headers", "reset-in-body", "hang-in-body"),
  headers: fc.constant({ "content-type": "application/json" }),
  closesAfter: fc.boolean(),
  effect: fc.constant(true),
});

describe("a write, whatever the platform and the network do", () => {
  it("is never called not-done when its effect happened, and is never repeated underneath", async () => {
    await fc.assert(
      fc.asyncProperty(scriptWithEffect, fc.constantFrom(...names), async (script, write) => {
        const before = hostile.effects;
        const { outcome } = await meet(script, write);
        expect(hostile.effects - before).toBe(1);
        expect(outcome).not.toBe("not-done");
      }),
      { numRuns: 150, seed: 31 },
    );
  });

  it("is called done only for a 2xx that is no web page", async () => {
    await fc.assert(
      fc.asyncProperty(scriptWithEffect, fc.constantFrom(...names), async (script, write) => {
        const { outcome } = await meet(script, write);
        const isSaid =
          script.status! < 300 && !["reset-unanswered", "hang", "reset-in-headers"].includes(script.delivery!);
        expect(outcome === "done" && !isSaid).toBe(false);
        if (isSaid && script.delivery === "whole" && !script.body!.startsWith("<")) expect(outcome).toBe("done");
      }),
      { numRuns: 150, seed: 32 },
    );
  });

  it.each([400, 401, 403, 404, 405, 410, 413, 415, 422, 429])("is called not-done for a %i", async (status) => {
    hostile.play({ status, body: `{"detail":"no, ${token}"}` });
    for (const name of names) {
      const answer = await writes[name]!(control);
      expect([name, answer.outcome]).toEqual([name, "not-done"]);
      if (answer.outcome === "done") continue;
      expect(answer.error.message).toContain(`answered ${status}: no, [token]`);
      const code = status === 404 ? "not-found" : status === 429 ? "agent-control-failed" : "agent-control-refused";
      expect(answer.error.code).toBe(code);
    }
  });

  it.each([408, 409, 500, 503])("is called unknown for a %i: it may have begun", async (status) => {
    hostile.play({ status });
    for (const name of names) expect((await writes[name]!(control)).outcome).toBe("unknown");
  });

  it("is unknown when no whole answer comes in time, and not done where nobody listens", async () => {
    hostile.play({ delivery: "hang" });
    expect(await control.setPaused("a", true, { deadlineMs: 60 })).toMatchObject({
      outcome: "unknown",
      error: { code: "agent-control-failed", message: expect.stringContaining("no whole answer within") },
    });
    const nobody = connect("http://127.0.0.1:1");
    expect(await nobody.setPaused("a", true)).toMatchObject({
      outcome: "not-done",
      error: { code: "agent-control-failed" },
    });
    await nobody.close();
  });

  it("does not follow a redirect", async () => {
    hostile.play({ status: 307, headers: { location: "http://169.254.169.254/" } });
    expect(await control.setTools("a", "none")).toMatchObject({
      outcome: "unknown",
      error: { code: "agent-control-refused" },
    });
    expect(hostile.requests).toHaveLength(1);
  });
});

describe("a state", () => {
  it.each([
    "",
    "[]",
    "{}",
    '{"tools":"some","isolated":true,"paused":true}',
    '{"tools":"none","isolated":1,"paused":true}',
  ])("that cannot be read proves nothing: %s", async (body) => {
    hostile.play({ body });
    await expect(control.readState("a")).rejects.toMatchObject({ code: "agent-control-failed" });
  });

  it("without a rotation is one, and an agent that the platform does not run is a stranger", async () => {
    hostile.play({ body: '{"tools":"all","isolated":false,"paused":false}' });
    expect(await control.readState("a")).toMatchObject({ tools: "all", lastRotation: null });
    hostile.play({ status: 404 });
    await expect(control.readState("a")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("AGENT_CONTROL_URL", () => {
  it.each(["", "ftp://x", "http://control.example", "https://10.0.0.5", "https://user:hunter2@x", "https://x/?a=1"])(
    "is refused by its name: %s",
    (url) => {
      expect(() => connect(url)).toThrow(/^AGENT_CONTROL_URL /);
      expect(() => connect(url)).not.toThrow("hunter2");
    },
  );

  it("may name a private address where that is allowed", async () => {
    await expect(connect("https://10.0.0.5", true).close()).resolves.not.toThrow();
  });
});
