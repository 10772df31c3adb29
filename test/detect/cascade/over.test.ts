import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { joinCascade } from "../../../src/detect/cascade.ts";
import type { Signal } from "../../../src/incident/signal.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import {
  cascadePorts,
  cascadesOf,
  critical,
  decided,
  fleetOfFive,
  frozen,
  type RecordedPorts,
  warning,
} from "./fleet-ports.ts";

let stores: Stores;
let ports: RecordedPorts;
let now: number;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  await stores.redis.flushdb();
  ports = cascadePorts(stores);
  now = await stores.clock.now();
});

type Job = Awaited<ReturnType<typeof decided>>;
const join = async (signal: Partial<Signal>) => {
  const job = await decided(stores, signal);
  return { job, ...(await joinCascade(ports, job)) };
};
/** What the freeze job does with a verdict, as far as it matters here: the incident that answers it. */
async function contain({ agentId, signalId }: Job): Promise<string> {
  const verdict = (await stores.verdicts.load(agentId, signalId))!;
  const more = verdict.cascadeId === undefined ? {} : { cascadeId: verdict.cascadeId };
  return (await stores.incidents.open(openRequest(verdict.signal, more))).incidentId;
}
const containAll = async () =>
  Promise.all(ports.dispatch.added.filter(({ queue }) => queue === "freeze").map(({ data }) => contain(data as Job)));
const standDown = async (incidentId: string) => {
  await stores.incidents.beginStandDown(incidentId, "mira", "false alarm");
  await stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
};

describe("when the trouble of an agent is over", () => {
  it("nobody is linked to it any more: a false alarm that was stood down drags nobody in and is not frozen again", async () => {
    const { job } = await join(critical("d", now));
    await standDown(await contain(job));
    expect((await join(critical("e", now + 1_000))).answer).toBe("alone");
    expect(frozen(ports)).toEqual([]);
  });

  it("what it had said before is over too, answered by an incident or not", async () => {
    await join(critical("d", now));
    const { job } = await join({ ...critical("d", now + 1_000), kind: "cost-anomaly" });
    await standDown(await contain(job));
    expect((await join(critical("e", now + 2_000))).answer).toBe("alone");
    expect(frozen(ports)).toEqual([]);
  });

  it("it is not counted among those that may yet become a cascade", async () => {
    ports = cascadePorts(stores, `${fleetOfFive}\ncascade: { agents: 3 }`);
    const { job } = await join(critical("d", now));
    await join(critical("e", now + 1_000));
    await standDown(await contain(job));
    expect((await join(critical("f", now))).answer).toBe("alone");
    expect((await join(critical("g", now))).answer).toBe("opened");
    expect(frozen(ports)).toEqual(["e", "f", "g"]);
  });

  it("its job, come again, joins nothing (G14)", async () => {
    const { job } = await join(critical("d", now));
    await standDown(await contain(job));
    await join(critical("e", now));
    expect((await joinCascade(ports, job)).answer).toBe("over");
    expect(await stores.cascades.list(5)).toEqual([]);
  });
});

describe("when all incidents of a cascade are over", () => {
  it("it is closed: what comes within its window begins another, and repeated jobs do nothing", async () => {
    const jobs = [(await join(critical("d", now))).job, (await join(critical("e", now))).job];
    for (const incidentId of new Set(await containAll())) await standDown(incidentId);
    const before = ports.dispatch.added.length;
    for (const job of jobs) expect((await joinCascade(ports, job)).answer).toBe("over");
    expect(ports.dispatch.added.length).toBe(before);
    // On either side of what is closed: it neither links nor hides anybody.
    expect((await join(critical("f", now - 1_000))).answer).toBe("alone");
    expect((await join(critical("g", now + 1_000))).answer).toBe("opened");
    expect((await cascadesOf(stores)).map(({ members, status }) => [members.join(), status]).sort()).toEqual([
      ["d,e", "closed"],
      ["f,g", "open"],
    ]);
  });

  it("a warning that was drawn into it, and has no incident of its own, does not begin it anew", async () => {
    await join(critical("a", now));
    const { job } = await join(warning("b", now));
    for (const incidentId of new Set(await containAll())) await standDown(incidentId);
    expect((await joinCascade(ports, job)).answer).toBe("over");
    expect((await joinCascade(ports, job)).answer).toBe("over");
    expect((await stores.cascades.list(5)).length).toBe(1);
  });

  it("but not while one of them lasts", async () => {
    await join(critical("d", now));
    await join(critical("e", now));
    const [first] = await containAll();
    await standDown(first!);
    expect((await join(critical("f", now + 1_000))).answer).toBe("joined");
    expect(frozen(ports)).toEqual(["d", "e", "f"]);
  });
});

describe("when a worker dies after it claimed", () => {
  it("the job that comes again hands over whom nobody handed over", async () => {
    await join(critical("d", now));
    const job = await decided(stores, critical("e", now));
    const dying = { ...ports, dispatch: { ...ports.dispatch, add: () => Promise.reject(new Error("killed")) } };
    await expect(joinCascade(dying, job)).rejects.toThrow("killed");
    expect((await joinCascade(ports, job)).answer).toBe("joined");
    expect(frozen(ports)).toEqual(["d", "e"]);
    const before = ports.dispatch.added.length;
    expect((await joinCascade(ports, job)).answer).toBe("known");
    expect(ports.dispatch.added.length).toBe(before);
  });
});

describe("when a late signal stands between two cascades", () => {
  it("they become one, which keeps the id of the first and every member", async () => {
    await join(critical("d", now - 500_000));
    const { cascadeId } = await join(critical("e", now - 500_000));
    await join(critical("f", now));
    const { cascadeId: second } = await join(critical("g", now));
    expect(await join(critical("h", now - 250_000))).toMatchObject({ answer: "joined", cascadeId });
    expect(await cascadesOf(stores)).toMatchObject([{ members: ["d", "e", "f", "g", "h"] }]);
    expect((await stores.cascades.load(second!))?.id).toBe(cascadeId);
    expect(frozen(ports)).toEqual(["d", "e", "f", "g", "h"]);
  });
});
