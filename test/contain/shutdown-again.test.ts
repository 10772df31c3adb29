import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerFullShutdown, type FleetPorts, shutDown } from "../../src/contain/fleet.ts";
import { type ResumeFleetPorts, resumeFleet } from "../../src/recover/resume-fleet.ts";
import { keys } from "../../src/redis/keys.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { cascadePorts, critical, decided, frozen, type RecordedPorts } from "../detect/cascade/fleet-ports.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";

let stores: Stores;
let recorded: RecordedPorts;
let ports: FleetPorts & ResumeFleetPorts;
const auto = "fleet: { shutdown: auto, agents: [{ id: a }, { id: b }] }";
const ada = { by: "ada", reason: "looked at it" };

beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  recorded = cascadePorts(stores);
  ports = { ...recorded, incidents: stores.incidents, caps: stores.caps, settings: readSettings(auto, {}) };
});

/** A signal that policy answers with full-shutdown, in its own incident, which stays open. */
async function aCause(agentId: string) {
  const job = await decided(stores, critical(agentId, await stores.clock.now()), "full-shutdown");
  const { signal } = (await stores.verdicts.load(job.agentId, job.signalId))!;
  await stores.incidents.open({ ...openRequest(), signal });
  return job;
}

describe("a shutdown that automation began and a person resumed", () => {
  it("does not begin again by the job that began it, while the incident of its cause is still open", async () => {
    const cause = await aCause("a");
    expect(await answerFullShutdown(ports, cause)).toEqual({ answer: "shut-down" });
    expect(frozen(recorded)).toEqual(["a", "b"]);
    await resumeFleet(ports, ada);
    expect(await answerFullShutdown(ports, cause)).toEqual({ answer: "over" });
    expect(await stores.fleet.shutdown()).toBeNull();
    expect(frozen(recorded)).toEqual(["a", "b"]);
  });

  it("does not begin again by a second cause that it answered, nor by the first while a later one is in force", async () => {
    const [first, second] = [await aCause("a"), await aCause("b")];
    await answerFullShutdown(ports, first);
    await answerFullShutdown(ports, second);
    await resumeFleet(ports, ada);
    expect(await answerFullShutdown(ports, second)).toEqual({ answer: "over" });
    await shutDown(ports, ada, { isAutomatic: false });
    expect(await answerFullShutdown(ports, first)).toEqual({ answer: "over" });
    expect(await stores.fleet.shutdown()).toMatchObject({ id: "shutdown-2", by: "ada" });
  });

  it("begins again by another signal, and goes on by the same one as long as nobody resumed it", async () => {
    const cause = await aCause("a");
    await answerFullShutdown(ports, cause);
    expect(await answerFullShutdown(ports, cause)).toEqual({ answer: "shut-down" });
    expect(await stores.fleet.shutdown()).toMatchObject({ id: "shutdown-1" });
    await resumeFleet(ports, ada);
    expect(await answerFullShutdown(ports, await aCause("b"))).toEqual({ answer: "shut-down" });
    expect(await stores.fleet.shutdown()).toMatchObject({ id: "shutdown-2" });
  });

  it("is remembered for seven days, as long as the verdict that began it", async () => {
    const cause = await aCause("a");
    await answerFullShutdown(ports, cause);
    const left = await stores.redis.pttl(keys.shutdownCause(cause.signalId));
    expect(left).toBeGreaterThan(7 * 86_400_000 - 60_000);
    expect(left).toBeLessThanOrEqual(7 * 86_400_000);
  });
});
