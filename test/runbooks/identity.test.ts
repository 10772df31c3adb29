import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { Gateway, Verification } from "../../src/incident/gateway.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { verifyIdentity } from "../../src/runbooks/steps/verify-identity.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const key = "ab".repeat(32);
const pinnedTo = (publicKey: string) => `fleet: { agents: [{ id: agent-7, pinnedPublicKey: "${publicKey}" }] }`;

async function verified(
  verdict: Verification["verdict"],
  options: {
    settings?: string;
    publicKey?: string;
    readIdentity?: () => never;
    runbook?: string;
    dryRun?: boolean;
  } = {},
) {
  const gateway = {
    readIdentity: async () => options.readIdentity?.() ?? { agentId: "agent-7", publicKey: options.publicKey, raw: {} },
    verifyAgent: async () => ({ verdict, reason: `the gateway says ${verdict}` }),
  } as unknown as Gateway;
  await stores.redis.flushdb();
  const { incidentId } = await stores.incidents.open(
    openRequest({}, { runbook: options.runbook ?? "runaway-spending", dryRun: options.dryRun ?? false }),
  );
  const ports = stepPorts(stores, gateway, readSettings(options.settings, {}));
  const incident = (await stores.incidents.load(incidentId))!;
  const context = { ports, incident, signals: [], abort: new AbortController().signal };
  const { failed } = await runSteps(context, [verifyIdentity]);
  const receipt = (await stores.incidents.receipts(incidentId)).get("verify-identity");
  const [kept] = await stores.verdicts.recent(1);
  return { failed, result: receipt?.result, told: ports.dispatch.added.map(({ data }) => data), verdict: kept };
}

describe("an agent's identity", () => {
  it.each(["valid", "unknown"] as const)(
    "that the gateway calls %s is shown as that, and alarms nobody",
    async (verdict) => {
      const { result, told } = await verified(verdict, { publicKey: key });
      expect(result).toMatchObject({ verdict, reason: `the gateway says ${verdict}`, publicKey: key, pinned: null });
      expect(told).toEqual([]);
    },
  );

  it("that the gateway calls invalid is paged and published", async () => {
    const { result, told } = await verified("invalid", { publicKey: key });
    expect(result).toMatchObject({ verdict: "invalid" });
    const what = "identity-compromise-suspected";
    expect(told.slice(0, 2)).toMatchObject([
      { kind: "page", what },
      { kind: "publish", what },
    ]);
  });

  it("with another key than the pinned one is compromised, whatever the gateway says", async () => {
    const settings = pinnedTo("cd".repeat(32));
    const { result, told } = await verified("valid", { publicKey: key, settings });
    expect(result).toMatchObject({ verdict: "invalid", reason: "the public key differs from the pinned one" });
    expect(told).toHaveLength(3);
  });

  it("with the pinned key is what the gateway says, however the key is written", async () => {
    const settings = pinnedTo(key.toUpperCase());
    const { result } = await verified("unknown", { publicKey: key, settings });
    expect(result).toMatchObject({ verdict: "unknown", pinned: key });
    expect((await verified("unknown", { publicKey: key.toUpperCase(), settings })).result).toMatchObject({
      verdict: "unknown",
    });
  });

  it("without a key where one is pinned is compromised", async () => {
    const { result } = await verified("valid", { settings: pinnedTo(key) });
    expect(result).toMatchObject({ verdict: "invalid", publicKey: null });
  });

  it("that is invalid widens its incident: the verdict is kept, and goes to containment like any other", async () => {
    const { told, verdict } = await verified("invalid", { publicKey: key });
    expect(verdict).toMatchObject({
      decidedBy: "verify-identity",
      tier: "auto-contain",
      signal: { kind: "identity-compromise", severity: "critical", agentId: "agent-7" },
    });
    expect(told.at(-1)).toEqual({ eventId: null, agentId: "agent-7", signalId: verdict?.signal.id });
  });

  it("is told of and widens nothing a second time where the incident is about it already", async () => {
    const { told, verdict } = await verified("invalid", { publicKey: key, runbook: "identity-compromise" });
    expect(told.map((job) => (job as { kind?: string }).kind)).toEqual(["page", "publish"]);
    expect(verdict).toBeUndefined();
  });

  it("that is invalid in a dry run is not published", async () => {
    const { told } = await verified("invalid", { publicKey: key, dryRun: true });
    expect(told.map((job) => (job as { kind?: string }).kind)).toEqual(["page", undefined]);
  });

  it("that the gateway will not show is unknown, for good", async () => {
    const readIdentity = () => {
      throw new TourniquetError("not-found", "404");
    };
    const { failed, result } = await verified("valid", { readIdentity });
    expect(failed).toEqual([]);
    expect(result).toEqual({ verdict: "unknown", reason: "404" });
  });

  it("that cannot be read is a failed step, not a healthy agent", async () => {
    const readIdentity = () => {
      throw new TourniquetError("gateway-failed", "500");
    };
    const { failed, result, told } = await verified("valid", { readIdentity });
    expect(failed).toEqual(["verify-identity"]);
    expect(result).toBeUndefined();
    expect(told).toEqual([]);
  });
});
