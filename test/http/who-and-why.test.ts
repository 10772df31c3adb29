import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approve, decline } from "../../src/contain/approvals.ts";
import { resetBreaker } from "../../src/contain/breaker.ts";
import { shutDown } from "../../src/contain/fleet.ts";
import { endSilence, orderSilence } from "../../src/detect/order-silence.ts";
import { readReplayOrder } from "../../src/incident/replay-order.ts";
import { person } from "../../src/incident/who-and-why.ts";
import { orderTuning } from "../../src/learn/tuning/order-tuning.ts";
import { acknowledge } from "../../src/notify/acknowledge.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { askStandDown } from "../../src/recover/ask-stand-down.ts";
import { resumeFleet } from "../../src/recover/resume-fleet.ts";
import type { Services } from "../../src/services.ts";
import { everythingIn } from "../redis/everything-in.ts";
import { aSignal, openRequest } from "../redis/open-request.ts";
import { type Api, openApi, tokens } from "./api.ts";

interface Given {
  id: string;
  by: string;
  reason: string;
}

const until = new Date(Date.now() + 3_600_000).toISOString();
const caps = { daily: "500.00", monthly: "none" };

/** Every order that a person gives, with the name and the reason it is given by. */
const orders: Readonly<Record<string, (services: Services, given: Given) => Promise<unknown>>> = {
  "stand-down": (services, { id, ...who }) => askStandDown(services, { incidentId: id, ...who, caps }),
  recover: (services, { id, by, reason }) =>
    askRecovery(services, { incidentId: id, by, rootCause: reason, fix: reason }),
  acknowledge: (services, { id, by }) => acknowledge(services, id, by),
  "fleet shutdown": (services, who) => shutDown(services, who, { isAutomatic: false }),
  "fleet resume": (services, who) => resumeFleet(services, who),
  "fleet approve": (services, who) => approve(services, who),
  "fleet decline": (services, who) => decline(services, who),
  "breaker reset": (services, who) => resetBreaker(services, "agent-7", who),
  "silence add": (services, { by, reason }) => orderSilence(services, { owner: by, reason, until }),
  "silence remove": (services, { by }) => endSilence(services, "sil-1", by),
  "tuning approve": (services, { by, reason }) => orderTuning(services, "tun-1", "approve", { by, reason }),
  "dead-letters replay": async (services, { by, reason }) =>
    services.deadLetters.replay(readReplayOrder({ id: "one", by, reason })),
};
const paths: Readonly<Record<string, (id: string) => string>> = {
  "stand-down": (id) => `/api/incidents/${id}/stand-down`,
  recover: (id) => `/api/incidents/${id}/recover`,
  acknowledge: (id) => `/api/incidents/${id}/acknowledge`,
  "fleet shutdown": () => "/api/fleet/shutdown",
  "fleet resume": () => "/api/fleet/resume",
  "fleet approve": () => "/api/fleet/approve",
  "fleet decline": () => "/api/fleet/decline",
  "breaker reset": () => "/api/agents/agent-7/breaker/reset",
  "silence add": () => "/api/silences",
  "tuning approve": () => "/api/tunings/tun-1/approve",
  "dead-letters replay": () => "/api/dead-letters/replay",
};

let api: Api;
let id: string;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());
beforeEach(async () => {
  const { services } = api;
  await services.redis.flushdb();
  id = (await services.incidents.open(openRequest({ agentId: "agent-7" }))).incidentId;
  await services.fleet.beginShutdown("mira", "drained");
  const waiting = { signal: aSignal({ agentId: "agent-9" }), tier: "auto-contain", decidedBy: "cascade" } as const;
  const question = { kind: "freezes", what: "too many", cascadeId: null } as const;
  await services.fleet.ask({ ...question, id: "freezes-cas-1", verdicts: [waiting] });
});

const everything = () => everythingIn(api.services.redis);

const blank = fc
  .array(fc.constantFrom(" ", "\t", "\n", "\r", "\u00a0", "\u200b", "\u2003", "\ufeff", "\u0000"), { maxLength: 300 })
  .map((parts) => parts.join(""));
const long = fc.constantFrom(201, 2_001, 10_000).map((length) => "n".repeat(length));

describe.each(Object.keys(orders))("%s in the name of nobody", (name) => {
  it("is refused before anything is done, however blank or long the name is", async () => {
    const before = await everything();
    await fc.assert(
      fc.asyncProperty(fc.oneof(blank, long), async (by) => {
        await expect(orders[name]!(api.services, { id, by, reason: "planned" })).rejects.toMatchObject({
          code: "input-invalid",
          detail: { mistakes: [expect.objectContaining({ field: expect.stringMatching(/^(by|owner)$/) })] },
        });
      }),
      { numRuns: 15, seed: 20261122 },
    );
    expect(await everything()).toEqual(before);
  });

  it("is taken from a name of 200 characters: what may be wrong then is something else", async () => {
    const end = await orders[name]!(api.services, { id, by: "n".repeat(200), reason: "r".repeat(200) }).then(
      () => "taken",
      ({ code }: { code: string }) => code,
    );
    expect(["taken", "not-found", "conflict"]).toContain(end);
  });
});

const reasoned = Object.keys(orders).filter((name) => !["acknowledge", "silence remove"].includes(name));
describe.each(reasoned)("%s without a reason", (name) => {
  it("is refused before anything is done", async () => {
    const before = await everything();
    for (const reason of ["", " \n", "r".repeat(10_000)])
      await expect(orders[name]!(api.services, { id, by: "ada", reason })).rejects.toMatchObject({
        code: "input-invalid",
      });
    expect(await everything()).toEqual(before);
  });
});

describe("a body that is not said to be JSON", () => {
  it("is refused as that, on every address that takes one", async () => {
    const before = await everything();
    for (const path of [...Object.values(paths).map((of) => of(id)), "/api/agents/agent-7/breaker"]) {
      const answer = await fetch(api.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${tokens.admin}`, "content-type": "application/x-www-form-urlencoded" },
        body: '{"by":"ada","reason":"planned"}',
      });
      expect([path, answer.status]).toEqual([path, 415]);
      expect(await answer.json()).toMatchObject({
        type: "urn:tourniquet:problem:unsupported-media-type",
        detail: expect.stringContaining("content-type: application/json"),
      });
    }
    expect(await everything()).toEqual(before);
  });
});

describe("a body whose bytes are not UTF-8", () => {
  it("is refused instead of being read as another text, on every address that takes one", async () => {
    const before = await everything();
    const broken = Buffer.from('{"by":"ad\xff","reason":"planned"}', "latin1");
    const json = [...Object.values(paths).map((of) => of(id)), "/api/agents/agent-7/breaker", "/api/ledgers/verify"];
    for (const [path, type, charset] of [
      ...json.map((one) => [one, "application/json", ""] as const),
      ["/api/settings/check", "application/yaml", ""] as const,
      [json[0]!, "application/json", "; charset=utf-16"] as const,
    ]) {
      const answer = await fetch(api.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${tokens.admin}`, "content-type": type + charset },
        body: new Uint8Array(broken),
      });
      const { type: kind } = (await answer.json()) as { type: string };
      expect([path, answer.status, kind]).toEqual(
        charset === ""
          ? [path, 400, "urn:tourniquet:problem:malformed"]
          : [path, 415, "urn:tourniquet:problem:unsupported-media-type"],
      );
    }
    expect(await everything()).toEqual(before);
  });
});

describe("a name that looks like another one", () => {
  const { by } = person;
  it.each([
    ["a zero-width space", "ad\u200ba"],
    ["a joiner", "ad\u200da"],
    ["a soft hyphen", "ad\u00ada"],
    ["a filler that counts as a letter", "ad\u3164a"],
    ["a mark that turns the direction", "ad\u202ea"],
    ["a control character", "ad\u0007a"],
    ["half a character", "ad\ud800a"],
  ])("by %s is refused", (_what, name) => {
    expect(by.safeParse(name).error?.issues).toHaveLength(1);
  });

  it.each(["ada", "Ада Лавлейс", "علی رضا", "Zoë O’Neil-小林", "ops 🚑", "a\u0301da"])(
    "by what is seen is taken: %s",
    (name) => {
      expect(by.parse(name)).toBe(name);
    },
  );

  it("may stand in a reason, but for half a character, which nobody could keep", () => {
    expect(person.reason.parse("zero\u200bwidth")).toBe("zero\u200bwidth");
    expect(person.reason.safeParse("half \udc00").error?.issues).toMatchObject([
      { message: "must be whole characters" },
    ]);
  });
});

describe.each(Object.keys(paths))("%s in the name of nobody, over HTTP", (name) => {
  it("is answered 422, and the field is named", async () => {
    const before = await everything();
    for (const by of ["", " ", "\u200b", "n".repeat(201)]) {
      const said = name === "silence add" ? { owner: by, until } : name === "recover" ? { by, fix: "f" } : { by };
      const answer = await fetch(api.url + paths[name]!(id), {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${tokens.admin}` },
        body: JSON.stringify({ ...said, ...(name !== "recover" && name !== "acknowledge" && { reason: "r" }) }),
      });
      expect(answer.status).toBe(422);
      const fields = ((await answer.json()) as { errors: { field: string }[] }).errors.map(({ field }) => field);
      expect(fields).toContain(name === "silence add" ? "owner" : "by");
    }
    expect(await everything()).toEqual(before);
  });
});
