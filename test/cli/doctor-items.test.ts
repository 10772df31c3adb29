import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { diagnose, type Finding } from "../../src/doctor/doctor.ts";
import type { DoctorPorts } from "../../src/doctor/item.ts";
import { items } from "../../src/doctor/items/index.ts";
import { openDoctor } from "../../src/doctor/open.ts";
import { register } from "../../src/greenhelix/registration.ts";
import { FloodGuard } from "../../src/http/flood-guard.ts";
import { createWebhookHandler } from "../../src/http/webhook.ts";
import { money } from "../../src/incident/money.ts";
import type { WorkerName } from "../../src/queues/jobs.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { until } from "../support/until.ts";
import { createWorld, everyWorker, type World } from "../support/world.ts";

const SECRET = `whsec_${Buffer.from("doctor".repeat(6)).toString("base64")}`;
const fleet = "fleet: { agents: [{ id: a }, { id: b }] }\nwatch: { highValueEveryMs: 1000, lowValueEveryMs: 1000 }\n";

/** What these items say; ports differ from the world's own by `more`. */
async function ask(world: World, ids: readonly string[], more: Partial<DoctorPorts> = {}): Promise<Finding[]> {
  const { ports, close } = await openDoctor(world.services.config, world.services.settings, false);
  const wanted = items.filter(({ id }) => ids.includes(id));
  const { findings } = await diagnose({ ...ports, ...more }, wanted);
  await close();
  return ids.map((id) => findings.find((finding) => finding.id === id)!);
}
const one = async (world: World, id: string, more: Partial<DoctorPorts> = {}) => (await ask(world, [id], more))[0]!;

async function openWorld(workers: readonly WorkerName[], settings = fleet): Promise<World> {
  const world = await createWorld({ workers, ticker: false, settings });
  for (const agent of ["a", "b"]) await world.admin.placeAgent(agent);
  return world;
}

describe("a product at work", () => {
  let world: World;
  let receiver: Server;
  let url: string;
  beforeAll(async () => {
    world = await openWorld([...everyWorker, "watch"]);
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
    await register(world.services, { url, secret: SECRET });
    const memories = () => world.services.agentWatch.memories(["a", "b"]);
    await until(async () => (await memories()).every((memory) => memory !== null), "both agents to be looked at");
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await world.close();
  });

  it("is found at work: fed, proved, polled, worked, timed, its caps known", async () => {
    const found = await ask(world, [
      "webhooks",
      "polling",
      "workers",
      "timing",
      "caps",
      "keys",
      "mode",
      "clock",
      "gateway-clock",
      "profile",
    ]);
    expect(found.map(({ id, state, found }) => [id, state, state === "ok" ? "" : found])).toEqual(
      found.map(({ id }) => [id, "ok", ""]),
    );
    const signals = await one(world, "signals");
    expect(signals).toMatchObject({ state: "warn", mend: expect.stringContaining("docs/agent-activity.md") });
    expect(signals.found).toBe(
      "10 of 14 are fed; silent: tool-call-burst, suspicious-tool-sequence, data-exfiltration, error-spike",
    );
  });

  it("hears of telemetry as soon as there is some", async () => {
    const call = { event_type: "tool_call", agent_id: "a", details: { tool_name: "search" } };
    await world.deliver(call);
    const { lines } = await one(world, "signals");
    expect(lines!.join("\n")).toMatch(/ {2}tool-call-burst: tool_call by webhook \d+ s ago/);
  });

  it("is changed by none of it: no incident, no call that writes, nothing left in a queue", async () => {
    const before = await world.admin.effects();
    await ask(
      world,
      items.map(({ id }) => id),
    );
    expect(await world.admin.effects()).toEqual(before);
    expect(await world.services.incidents.list(10)).toEqual([]);
    const freeze = world.services.queues.of("freeze", 0);
    expect((await freeze.getJobs()).filter(({ id }) => id?.startsWith("rehearsal"))).toEqual([]);
  });

  it("whose webhook signs with another secret is blind there, with how to mend it", async () => {
    await register(world.services, { url, secret: "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVy" });
    expect(await one(world, "webhooks")).toMatchObject({ state: "ok" });
    for (const { id } of await world.services.gateway.listWebhooks("tourniquet"))
      await world.services.gateway.removeWebhook("tourniquet", id);
    expect(await one(world, "webhooks")).toMatchObject({
      state: "fail",
      mend: expect.stringContaining("register --url"),
    });
    const wrong = { url, eventTypes: ["budget_threshold"], secret: "another-secret" };
    await world.services.gateway.registerWebhook("tourniquet", wrong);
    const { state, lines } = await one(world, "webhooks");
    expect([state, lines!.join()]).toEqual(["fail", expect.stringContaining("refuses its signature (401)")]);
  });
});

describe("a product that is not ready", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld([]);
  });
  afterAll(() => world.close());

  it.each([
    ["workers", "fail", /nobody works freeze, contain, correlate/, /Start npx tourniquet worker all/],
    ["signals", "fail", /0 of 14 are fed/, /npx tourniquet register/],
    ["polling", "fail", /2 of 2 agents were not looked at in time: a, b/, /npx tourniquet worker watch/],
    ["caps", "warn", /unknown for 2 of 2 agents: a, b/, /fleet.agents\[\].caps/],
    ["baselines", "warn", /2 of 2 agents have too little of one/, /coldStartPerInterval/],
    ["people", "fail", /no channel is configured/, /SLACK_WEBHOOK_URL/],
    ["tokens", "fail", /0 webhook secrets/, /GREENHELIX_WEBHOOK_SECRETS/],
    ["ledger-key", "warn", /made by the product/, /LEDGER_SIGNING_KEY/],
    ["sources", "warn", /no agent keeps claim chains/, /claim-chains/],
  ])("%s: %s, with what is wrong and how to mend it", async (id, state, found, mend) => {
    const said = await one(world, id);
    expect(said.state).toBe(state);
    expect(said.found).toMatch(found);
    expect(said.mend).toMatch(mend);
  });

  it("has known caps once they were seen, and a baseline once there are samples", async () => {
    const caps = { dailyCap: money("100"), monthlyCap: null, alertThreshold: 0.8 };
    for (const agent of ["a", "b"]) await world.services.caps.see(agent, caps);
    expect((await one(world, "caps")).state).toBe("ok");
    const minutes = new Map(Array.from({ length: 12 }, (_, index) => [29_900_000 + index, money("5")]));
    const spending = { ...world.services.spending, minutesOf: async () => new Map([["a", { minutes, wholeFrom: 0 }]]) };
    const services = { ...world.services, spending } as typeof world.services;
    expect((await one(world, "baselines", { services })).found).toBe("1 of 2 agents have too little of one: b");
  });

  it.each([
    [500, "ok"],
    [10_000, "warn"],
    [-10_000, "warn"],
    [120_000, "fail"],
  ])("whose clock is %i ms off: %s", async (offMs, state) => {
    const clock = { ...world.services.clock, now: async () => Date.now() + offMs };
    expect((await one(world, "clock", { services: { ...world.services, clock } as typeof world.services })).state).toBe(
      state,
    );
  });

  it.each([
    [1_000, "ok", "less than 2 s apart"],
    [90_000, "warn", "ahead of Redis's"],
    [-90_000, "warn", "behind Redis's"],
    [null, "warn", "not known"],
  ])("whose gateway's clock is %s ms off: %s", async (offMs, state, found) => {
    // The moment that Redis tells is the moment at which the gateway is asked.
    let at = 0;
    const now = async () => (at = await world.services.clock.now());
    const gateway = { ...world.services.gateway, now: () => (offMs === null ? null : at + offMs) };
    const services = { ...world.services, clock: { ...world.services.clock, now }, gateway } as typeof world.services;
    const finding = await one(world, "gateway-clock", { services });
    expect(finding).toMatchObject({ state, found: expect.stringContaining(found) });
  });

  it("in observe-only mode, or with a dry run, says so", async () => {
    const observing = { settings: readSettings("mode: observe", {}) };
    expect((await one(world, "mode", observing)).found).toContain("observe-only");
    const dry = { settings: readSettings("runbooks: { runaway-spending: { dryRun: true } }", {}) };
    expect(await one(world, "mode", dry)).toMatchObject({
      state: "warn",
      found: expect.stringContaining("runaway-spending"),
    });
  });

  it("without a key, or with one that may only read, contains nobody", async () => {
    const config = { ...world.services.config, greenhelixApiKey: undefined };
    expect(await one(world, "keys", { config })).toMatchObject({ state: "fail", found: "no key is configured" });
    const unknown = { ...world.services.config, greenhelixApiKey: "a2a_pro_bbbbbbbbbbbbbbbbbbbbbbbb" };
    expect(await one(world, "keys", { config: unknown })).toMatchObject({ state: "fail" });
  });

  it("sends people a test page only when asked to", async () => {
    const pages: string[] = [];
    const slack = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => pages.push(chunk.toString()));
      request.on("end", () => response.end("ok"));
    });
    await once(slack.listen(0, "127.0.0.1"), "listening");
    const at = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/`;
    const config = readConfig({ SLACK_WEBHOOK_URL: at });
    await one(world, "people", { config });
    expect(pages).toEqual([]);
    const told = await one(world, "people", { config, notify: true });
    expect([pages.length, told.lines![0]]).toEqual([1, "slack: told"]);
    slack.closeAllConnections();
    slack.close();
  });
});

describe("a product that has only just begun to watch", () => {
  it("has signals that are not fed yet, and silent ones when the time for the first look is over", async () => {
    const world = await openWorld([]);
    expect(await one(world, "signals")).toMatchObject({
      state: "fail",
      found: expect.stringContaining("silent: budget"),
    });
    await world.services.agentWatch.enlist(["a", "b"]);
    expect(await one(world, "signals")).toMatchObject({
      state: "warn",
      found: expect.stringMatching(/; not yet: budget-exhaustion, .*detection-failure$/),
      mend: expect.stringContaining("Ask again in 3 s"),
    });
    await until(async () => (await one(world, "signals")).state === "fail", "the time for it to be over", 15_000);
    await world.close();
  });
});
