import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { type Registration, register, unregister } from "../../src/greenhelix/registration.ts";
import { FloodGuard } from "../../src/http/flood-guard.ts";
import { createWebhookHandler } from "../../src/http/webhook.ts";
import { webhookTypes } from "../../src/incident/webhook-address.ts";
import { createWorld, type World } from "../support/world.ts";

const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const OTHER = `whsec_${randomBytes(32).toString("base64")}`;

describe.each(["rest", "tools"] as const)("registering our webhook at a gateway of the %s form", (dialect) => {
  let world: World;
  let receiver: Server;
  let url: string;
  beforeAll(async () => {
    world = await createWorld({ workers: [], ticker: false, dialect });
    const { inbox, settings, log } = world.services;
    const ports = {
      inbox,
      settings,
      log,
      webhookSecrets: [SECRET],
      flood: new FloodGuard(),
      answered: () => undefined,
    };
    receiver = createServer(createWebhookHandler(ports));
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/greenhelix`;
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await world.close();
  });
  beforeEach(async () => {
    for (const one of await listed()) await world.services.gateway.removeWebhook("tourniquet", one.id);
  });

  const listed = () => world.services.gateway.listWebhooks("tourniquet");
  const here = async () => (await listed()).filter((one) => one.url === url);
  const types = async () => (await here()).flatMap(({ eventTypes }) => eventTypes).sort();
  const run = (more: object = {}): Promise<Registration> => register(world.services, { url, secret: SECRET, ...more });
  const place = (more: object = {}) =>
    world.services.gateway.registerWebhook("tourniquet", { url, eventTypes: webhookTypes, secret: SECRET, ...more });

  it("proves each type of event by a ping that our own intake received and verified", async () => {
    const { types: told, changes, problems } = await run();
    expect(problems).toEqual([]);
    expect(changes.map(({ what }) => what)).toContain("registered");
    expect(told.map(({ eventType }) => eventType)).toEqual(webhookTypes);
    for (const { proof } of told)
      expect(proof).toMatchObject({ delivered: true, responseCode: 202, fault: null, verifiedMs: expect.any(Number) });
  });

  it("changes nothing when it is repeated, and pings what is there", async () => {
    await run();
    const before = await here();
    const again = await run();
    expect(again).toMatchObject({ changes: [], problems: [] });
    expect(again.proofs).toHaveLength(before.length);
    expect(await here()).toEqual(before);
  });

  it("adds what nobody tells of, and no more", async () => {
    await place({ eventTypes: ["budget_threshold"] });
    const { changes } = await run();
    expect(changes.flatMap(({ eventTypes }) => eventTypes).sort()).toEqual([
      "escrow_state_change",
      "reputation_change",
    ]);
    expect(await types()).toEqual([...webhookTypes].sort());
  });

  it("takes back what is there twice", async () => {
    await place();
    await place();
    const { changes, problems } = await run();
    expect(problems).toEqual([]);
    expect(new Set(changes.map(({ what }) => what))).toEqual(new Set(["removed"]));
    expect(await types()).toEqual([...webhookTypes].sort());
  });

  it("replaces one that signs with another secret, the new one first", async () => {
    await place({ secret: OTHER });
    const old = await here();
    const { changes, problems } = await run();
    expect(problems).toEqual([]);
    expect(changes[0]).toMatchObject({ what: "registered" });
    expect(changes.at(-1)).toMatchObject({ what: "removed", why: "it signs with another secret" });
    const ids = (await here()).map(({ id }) => id);
    for (const { id } of old) expect(ids).not.toContain(id);
    expect(await types()).toEqual([...webhookTypes].sort());
  });

  it("exchanges the secret when asked to, and keeps the old one where the receiver does not know the new one", async () => {
    await run();
    const before = await here();
    const failed = await run({ secret: OTHER, rotate: true });
    expect(failed.problems.join()).toContain("the same GREENHELIX_WEBHOOK_SECRETS");
    expect(await here()).toEqual(before);
    const { changes, problems } = await run({ rotate: true });
    expect([problems, changes.at(-1)!.why]).toEqual([[], "its secret is exchanged"]);
    expect(await types()).toEqual([...webhookTypes].sort());
    expect((await here()).map(({ id }) => id)).not.toContain(before[0]!.id);
  });

  it.each([
    ["exchanging the secret", SECRET, true],
    ["replacing one with another secret", OTHER, false],
  ])("tells on of every type that the old one told of: %s", async (_, secret, rotate) => {
    const wanted = [...webhookTypes, "budget_exceeded", "trust.score_drop"].sort();
    await place({ secret, eventTypes: wanted });
    expect((await run({ rotate })).problems).toEqual([]);
    expect(await types()).toEqual(wanted);
  });

  it("names a type that the gateway refuses by now, proves ours, and leaves the old one there", async () => {
    await place({ secret: OTHER, eventTypes: ["budget_exceeded"] });
    const [old] = await here();
    const { gateway } = world.services;
    const refusing: typeof gateway = {
      ...gateway,
      registerWebhook: async (agentId, order) =>
        order.eventTypes.includes("budget_exceeded")
          ? { outcome: "not-done", error: new TourniquetError("gateway-refused", "no such type") }
          : gateway.registerWebhook(agentId, order),
    };
    const { problems, types: told } = await register({ ...world.services, gateway: refusing }, { url, secret: SECRET });
    expect(problems.join()).toContain("did not take on budget_exceeded");
    expect(told.map(({ proof }) => proof?.problem)).toEqual([null, null, null]);
    expect((await here()).map(({ id }) => id)).toContain(old!.id);
  });

  it("says that the receiver has another secret, and leaves one registration however often it is tried", async () => {
    await run({ secret: OTHER });
    const { problems } = await run({ secret: OTHER });
    expect(problems.join()).toContain("the same GREENHELIX_WEBHOOK_SECRETS as this terminal has");
    expect(await types()).toEqual([...webhookTypes].sort());
  });

  it("leaves other addresses alone, and names those that look like ours", async () => {
    const older = "https://old.example.com/webhooks/greenhelix";
    await place({ url: older, eventTypes: ["budget_threshold"] });
    await place({ url: "https://example.com/theirs", eventTypes: ["budget_threshold"] });
    const { elsewhere } = await run();
    expect(elsewhere.map((one) => one.url)).toEqual([older]);
    expect(await listed()).toHaveLength((await here()).length + 2);
  });

  it("in a dry run says what it would do, and does nothing", async () => {
    expect((await run({ dryRun: true })).changes).toMatchObject([
      { what: "registered", webhookId: null, eventTypes: webhookTypes },
    ]);
    expect(await here()).toEqual([]);
  });

  it("takes back all of this address when asked to, and nothing the second time", async () => {
    await run();
    expect((await unregister(world.services, { url })).changes.length).toBeGreaterThan(0);
    expect(await here()).toEqual([]);
    expect(await unregister(world.services, { url })).toMatchObject({ changes: [], problems: [] });
  });

  it("lets no secret out", async () => {
    expect(JSON.stringify([await run(), await listed()])).not.toContain(SECRET);
  });
});

describe("a test ping that did not reach our intake", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ workers: [], ticker: false });
  });
  afterAll(() => world.close());

  it.each([
    ["http://127.0.0.1:9/webhooks/greenhelix", "unreachable", /could not reach the address/],
    ["/webhooks/greenhelix?of=another", "refused", /answered its test ping with 404/],
  ])("is told of with how to mend it: %s", async (said, fault, sentence) => {
    const url = said.startsWith("/") ? `${world.sandbox.url}${said}` : said;
    const { proofs, problems } = await register(world.services, { url, secret: SECRET });
    expect(proofs).toMatchObject([{ fault, verifiedMs: null }]);
    expect(problems.join()).toMatch(sentence);
  });

  it("though it was delivered, is another product's that answers there", async () => {
    const stranger = createServer((_, response) => response.writeHead(204).end());
    await once(stranger.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/webhooks/greenhelix`;
    const clock = { ...world.services.clock, wait: async () => undefined };
    const { proofs, problems } = await register({ ...world.services, clock }, { url, secret: SECRET });
    stranger.closeAllConnections();
    stranger.close();
    expect(proofs).toMatchObject([{ delivered: true, responseCode: 204, verifiedMs: null, fault: "not-ours" }]);
    expect(problems.join()).toContain("another one answers at the address");
  });
});
