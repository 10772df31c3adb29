import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyLedger } from "../../src/learn/ledger/verify.ts";
import { until } from "../support/until.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer } from "./logging-in.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
  const change = {
    ...{
      by: "ada",
      role: "responder" as const,
      credential: "token tok-0123456789ab",
      via: "api" as const,
      action: "silence",
    },
    ...{ target: "procurement-17", fields: { reason: "a reason as long as people write them at night".repeat(20) } },
  } satisfies Parameters<Api["services"]["audit"]["begin"]>[0];
  await Promise.all(Array.from({ length: 1_500 }, () => api.services.audit.begin(change)));
  await exported();
}, 30_000);
afterAll(() => api.close());

const exported = () => api.get("/api/audit/export", bearer(tokens.viewer));

describe("an export of a large ledger", () => {
  it("is written in a thread of its own, two at once and no more, and is whole", async () => {
    let threads = 0;
    const count = () => {
      threads += 1;
    };
    subscribe("worker_threads", count);
    const answers = await Promise.all(Array.from({ length: 10 }, exported));
    unsubscribe("worker_threads", count);
    const [whole, refused] = [200, 503].map((wanted) => answers.filter(({ status }) => status === wanted));
    expect(whole!.length + refused!.length).toBe(10);
    expect(threads).toBe(whole!.length);
    expect([refused![0]!.headers.get("retry-after"), refused![0]!.body.type]).toEqual([
      "5",
      "urn:tourniquet:problem:busy",
    ]);
    for (const { text } of whole!) expect(verifyLedger(text)).toMatchObject({ verdict: "whole", entries: 1_500 });
  });

  it("frees its place where the client goes away", async () => {
    const { hostname, port } = new URL(api.url);
    for (const _ of [1, 2, 3]) {
      const socket = connect(Number(port), hostname);
      const asking = `GET /api/audit/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.viewer}\r\n\r\n`;
      await new Promise<void>((resolve) => socket.write(asking, () => resolve()));
      socket.destroy();
    }
    const both = () => Promise.all([exported(), exported()]);
    const answers = await until(async () => {
      const two = await both();
      return two.every(({ status }) => status === 200) && two;
    }, "both places being free");
    expect(answers).toHaveLength(2);
  });
});
