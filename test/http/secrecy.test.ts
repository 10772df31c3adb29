import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { createActivityHandler } from "../../src/http/activity.ts";
import { FloodGuard } from "../../src/http/flood-guard.ts";
import { createWebhookHandler } from "../../src/http/webhook.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { nativeHeaders, SECRET } from "./api.ts";

const lines: string[] = [];
const write = (fields: Record<string, unknown>, what: string) => void lines.push(JSON.stringify({ ...fields, what }));
/** An inbox that fails, so that the third way of not answering 202 is logged too. */
const failing = async () => {
  throw new TourniquetError("redis-unavailable", "gone");
};
const ports = {
  inbox: { accept: failing, quarantine: async () => undefined },
  settings: readSettings(undefined, {}),
  webhookSecrets: [SECRET],
  flood: new FloodGuard(),
  // Not sparing: every line there can be is looked at.
  log: { info: write, warn: write, error: write },
  answered: () => undefined,
};
const handlers = { webhook: createWebhookHandler(ports), activity: createActivityHandler(ports) };
const server = createServer((req, res) => handlers[req.url === "/activity" ? "activity" : "webhook"](req, res));
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const post = (raw: string, headers: Record<string, string>, path = "/") =>
  fetch(url + path, { method: "POST", body: raw, headers: { "content-type": "application/json", ...headers } });

describe("what stands in a webhook", () => {
  it("is neither in the log nor in the answer, refused, unreadable or not stored", async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{16}$/);
    const field = fc.constantFrom("event_type", "agent_id", "payload", "timestamp", "id");
    await fc.assert(
      fc.asyncProperty(secret, field, async (hidden, name) => {
        lines.length = 0;
        const bodies = [
          JSON.stringify({ event_type: "budget_threshold", [name]: { deep: [`whsec_${hidden}`] }, [hidden]: 1 }),
          `{"broken": "${hidden}`,
          JSON.stringify({ event_type: "budget_exceeded", agent_id: "a", token: hidden }),
        ];
        const signed = await Promise.all(bodies.map((raw) => post(raw, nativeHeaders(raw))));
        const unsigned = await post(bodies[0]!, { "x-a2a-signature": hidden });
        const answers = await Promise.all([...signed, unsigned].map(async (answer) => answer.text()));
        expect([...signed, unsigned].map(({ status }) => status)).toEqual([422, 400, 503, 401]);
        expect(lines).toHaveLength(4);
        expect([...lines, ...answers].join("\n")).not.toContain(hidden);
        expect(lines.join("\n")).not.toContain(SECRET);
      }),
      { numRuns: 40 },
    );
  });
});

describe("what stands in an agent's telemetry", () => {
  it("is neither in the log nor in the answer: parameters, bodies, tools, addresses", async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{16}$/);
    await fc.assert(
      fc.asyncProperty(secret, async (hidden) => {
        lines.length = 0;
        const call = { type: "tool_call", agent_id: "a", timestamp: 1, details: { parameters: { body: hidden } } };
        const bodies = [
          JSON.stringify([{ ...call, [hidden]: hidden }, { type: "auth", agent_id: hidden, ip: [hidden] }, hidden]),
          `[{"broken": "${hidden}`,
          JSON.stringify({ events: [{ ...call, details: { ...call.details, tool_name: `http_${hidden}` } }] }),
          JSON.stringify({ events: hidden }),
        ];
        const answers = await Promise.all(bodies.map((raw) => post(raw, nativeHeaders(raw), "/activity")));
        expect(answers.map(({ status }) => status)).toEqual([422, 400, 503, 422]);
        const texts = await Promise.all(answers.map((answer) => answer.text()));
        expect(lines).toHaveLength(4);
        expect([...lines, ...texts].join("\n")).not.toContain(hidden);
      }),
      { numRuns: 40 },
    );
  });
});
