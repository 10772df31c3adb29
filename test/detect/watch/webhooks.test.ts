import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { admit } from "../../../src/detect/admit.ts";
import { correlate } from "../../../src/detect/correlate.ts";
import { reportSilence } from "../../../src/detect/watch/missing.ts";
import { TourniquetError } from "../../../src/errors.ts";
import { until } from "../../support/until.ts";
import { AGENT, type Looks, openLooks } from "./looks.ts";

const settings = `fleet: { agents: [{ id: ${AGENT} }] }\nwatch: { webhookGraceMs: 200 }`;
let looks: Looks;
let receiver: Server;
/** What stands for our API: takes the ping in, or loses it. */
let takesIn = true;
beforeEach(async () => {
  takesIn = true;
  looks = await openLooks({ settings });
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (takesIn)
      await admit(looks.world.services, { rawBody: Buffer.concat(chunks), source: "webhook", signedId: null });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await looks.close();
});

const register = (path: string, eventTypes = ["escrow_state_change", "budget_threshold"]) => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`;
  const body = JSON.stringify({ agentId: "sandbox-admin-tests", url, eventTypes, secret: "s" });
  const headers = { "content-type": "application/json" };
  return fetch(`${looks.world.sandbox.url}/_sandbox/webhooks`, { method: "POST", headers, body });
};
const prove = () => looks.run({ look: "webhooks" });
const rules = async () => (await looks.failures()).map(({ why }) => why.rule);
/** The look that proving booked, when its time has come. */
const checkPing = async () => {
  const queue = looks.world.services.queues.of("watch", 0);
  const [job] = await queue.getDelayed();
  expect(job?.opts.delay).toBe(200);
  return looks.run(job!.data);
};

describe("the test ping", () => {
  it.each(["/webhooks/greenhelix", "/incidents/webhook"])("proves a webhook at %s by arriving", async (path) => {
    await register(path);
    expect(await prove()).toMatchObject({ answer: "asked", outcome: "done" });
    expect(await checkPing()).toMatchObject({ answer: "arrived" });
    expect(await rules()).toEqual([]);
  });

  it("that the gateway calls delivered and that did not reach our intake is told of", async () => {
    await register("/webhooks/greenhelix");
    takesIn = false;
    expect(await prove()).toMatchObject({ outcome: "done" });
    expect(await checkPing()).toEqual({ answer: "not-arrived" });
    expect(await rules()).toEqual(["check-ping"]);
  });

  it("of yesterday proves nothing today", async () => {
    await register("/webhooks/greenhelix");
    await prove();
    expect(await looks.run({ look: "ping", askedAt: Date.now() + 60_000, webhookId: "whk-1" })).toEqual({
      answer: "not-arrived",
    });
  });

  it("is asked of ours only: somebody else's address is none, and that is told of, with how to mend it", async () => {
    await register("/some/other/hook");
    expect(await prove()).toEqual({ answer: "none-registered" });
    await prove();
    const failures = await looks.failures();
    expect(failures).toHaveLength(1);
    expect(failures[0]!.why.sentence).toMatch(
      /npx tourniquet register --url https:\/\/<your host>\/webhooks\/greenhelix/,
    );
  });

  it("of a gateway that lists no webhooks is no failure: whether they come is seen by what goes untold", async () => {
    const listWebhooks = () => Promise.reject(new TourniquetError("not-found", "no such tool"));
    const gateway = { ...looks.world.services.gateway, listWebhooks };
    expect(await looks.run({ look: "webhooks" }, { gateway })).toEqual({ answer: "not-shown" });
    expect(await rules()).toEqual([]);
  });

  it("that cannot be asked for is told of", async () => {
    await looks.world.admin.fault({ match: { tool: "list_webhooks" }, kind: "500-before" });
    expect(await prove()).toMatchObject({ answer: "failed" });
    expect(await rules()).toEqual(["check-webhooks"]);
  });
});

describe("silence", () => {
  const report = () => reportSilence(looks.world.services);
  const deliver = async (escrowId: string) => {
    const { eventId } = await looks.world.deliver({
      event_type: "escrow_state_change",
      agent_id: AGENT,
      payload: { escrow_id: escrowId, payer: AGENT, payee: "p", amount: "1.00", status: "held" },
    });
    await correlate(looks.world.services, { eventId });
  };
  const open = async () => (await looks.world.admin.createEscrow(AGENT, "p", "1.00"))!;
  /** Looks until what was awaited is due. */
  const lookUntilDue = () =>
    until(async () => {
      await looks.look();
      const memory = await looks.world.services.redis.hget(`{tq:0}:watch:${AGENT}`, "memory");
      return JSON.parse(memory ?? "{}").awaited?.length === 0;
    }, "nothing awaited");

  it("of a registered webhook is told of once an hour, with what it did not tell of", async () => {
    await register("/webhooks/greenhelix");
    await prove();
    await looks.look();
    const [told] = [await open(), await open(), await open()];
    await deliver(told);
    await looks.look();
    await report();
    expect(await rules(), "within the grace").toEqual([]);
    await lookUntilDue();
    await report();
    const [failure] = await looks.failures();
    expect(failure!.why).toMatchObject({ rule: "check-silence", observed: { missing: 2, agents: 1 } });
    await open();
    await lookUntilDue();
    await report();
    expect(await looks.failures()).toHaveLength(1);
  });

  it("is none where a webhook told of all", async () => {
    await register("/webhooks/greenhelix");
    await prove();
    await looks.look();
    await deliver(await open());
    await looks.look();
    await lookUntilDue();
    await report();
    expect(await rules()).toEqual([]);
  });

  it.each([
    ["no webhook is registered", async () => undefined],
    ["the webhook is for other events", async () => register("/webhooks/greenhelix", ["reputation_change"])],
  ])("is none where %s", async (_, arrange) => {
    await arrange();
    await prove();
    await looks.look();
    await open();
    await looks.look();
    await lookUntilDue();
    await report();
    expect(await rules()).not.toContain("check-silence");
  });

  it("is none about what was opened before anybody looked", async () => {
    await register("/webhooks/greenhelix");
    await prove();
    await open();
    await looks.look();
    await lookUntilDue();
    await report();
    expect(await rules()).toEqual([]);
  });
});
