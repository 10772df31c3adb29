import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JobData } from "../../src/incident/jobs.ts";
import { escalate } from "../../src/notify/escalate.ts";
import { send } from "../../src/notify/send.ts";
import { MINUTE } from "../redis/escalating.ts";
import { escalationNight, sentOf } from "./escalation-night.ts";
import { allAt } from "./notifiers/channels.ts";
import { type Receiver, startReceiver, status } from "./receiver.ts";
import { type Telling, telling } from "./telling.ts";

type Job<K> = Extract<JobData["notification"], { kind: K }>;

let night: Awaited<ReturnType<typeof escalationNight>>;
let receiver: Receiver;
let told: Telling;
beforeAll(async () => {
  night = await escalationNight();
  receiver = await startReceiver();
  told = telling(night.stores, allAt(receiver.url));
});
afterAll(async () => {
  await told.close();
  await receiver.close();
  await night.stores.close();
});
beforeEach(async () => {
  await night.begin("slack", "pagerduty-secondary");
  receiver.received.length = 0;
  receiver.answers.length = 0;
});

const cascade = { cascadeId: "cas-1", runbook: "cascade-failure" };
const opened = (many: number) => Promise.all(Array.from({ length: many }, () => night.openAgo(6 * MINUTE, cascade)));
const escalates = (incidentId: string, ports = night.ports) =>
  escalate(ports, night.jobs.get(`escalate-${incidentId}-P0-0`) as Job<"escalate">);
const sends = async (jobId: string) =>
  (
    await send({ ...told.ports, dispatch: night.ports.dispatch }, night.jobs.get(jobId) as Job<"send">, {
      ...{ jobId, number: 1, isLast: false },
    })
  ).answer;
const pagerOf = (incidentId: string) => sentOf(incidentId, 0, "pagerduty-secondary")[0]!;
const ack = (incidentId: string) => night.stores.escalations.acknowledge(incidentId, "ada");
const closed = (incidentId: string) => night.stores.incidents.setStatus(incidentId, "stood-down", "recover", {});
const deliveredOf = async (incidentId: string) =>
  (await night.stores.incidents.view(incidentId))!.timeline.flatMap(({ what, detail }) =>
    what === "page-sent" ? [String(detail.channel)] : [],
  );

describe("a member of a cascade that would be told with another one", () => {
  it("waits until that one has counted its level, and tells it itself where it is taken on before", async () => {
    const [x, y] = (await opened(2)) as [string, string];
    await night.wake();
    const { tell } = night.ports.escalations;
    const overtaken: typeof tell = async (...level) => {
      await expect(escalates(y)).rejects.toMatchObject({ code: "step-failed" });
      await ack(x);
      return tell(...level);
    };
    const slow = { ...night.ports, escalations: { ...night.ports.escalations, tell: overtaken } };
    expect(await escalates(x, slow)).toEqual({ answer: "not-needed" });
    expect(await escalates(y)).toEqual({ answer: "told" });
    expect(night.sent()).toEqual(sentOf(y, 0, "log", "slack", "pagerduty-secondary"));
  });

  it("tells it itself where that one is taken on, and its worker died before it said so", async () => {
    const [x, y] = (await opened(2)) as [string, string];
    await night.wake();
    await night.stores.escalations.claimFor("cas-1", { incidentId: x, priority: "P0", level: 0 }, 0);
    await ack(x);
    expect(await escalates(y)).toEqual({ answer: "told" });
  });

  it("is told although the worker of that one died between counting and telling, and then it was taken on", async () => {
    const [x, y] = (await opened(2)) as [string, string];
    await night.wake();
    const dying = { ...night.ports.dispatch, add: () => Promise.reject(new Error("killed")) };
    await expect(escalates(x, { ...night.ports, dispatch: dying })).rejects.toThrow("killed");
    expect(await escalates(y)).toEqual({ answer: "told-with-its-group" });
    await ack(x);
    await escalates(x);
    expect(await sends(pagerOf(x))).toBe("handed-on");
    expect(await sends(pagerOf(y))).toBe("delivered");
  });
});

describe("a pager that does not answer while somebody takes on the one it is told of", () => {
  /** The first one's pager answered 503; slack was told. */
  const begun = async (many: number) => {
    const members = await opened(many);
    await night.wake();
    for (const id of members) await escalates(id);
    const [x] = members as [string];
    receiver.answers.push(status(503));
    await expect(sends(pagerOf(x))).rejects.toMatchObject({ code: "notifier-failed" });
    expect(await sends(sentOf(x, 0, "slack")[0]!)).toBe("delivered");
    receiver.received.length = 0;
    return members as [string, string, string];
  };

  it.each([
    ["acknowledged", ack],
    ["over", closed],
  ])("tells the next one in place of one that is %s, about that one, once", async (_, isInHand) => {
    const [x, ...others] = await begun(3);
    await isInHand(x);
    expect(await sends(pagerOf(x))).toBe("handed-on");
    const next = others.toSorted()[0]!;
    expect(await sends(pagerOf(next))).toBe("delivered");
    expect(JSON.parse(receiver.received[0]!.text)).toMatchObject({ event_action: "trigger", dedup_key: next });
    expect([await sends(pagerOf(x)), await sends(pagerOf(next))]).toEqual(["handed-on", "delivered-before"]);
    expect(receiver.received).toHaveLength(1);
  });

  it("goes on to one after the other, and to nobody once all are in hand", async () => {
    const [x, ...others] = await begun(3);
    const [next, last] = others.toSorted() as [string, string];
    await ack(x);
    expect(await sends(pagerOf(x))).toBe("handed-on");
    await closed(next);
    expect(await sends(pagerOf(next))).toBe("handed-on");
    await ack(last);
    expect(await sends(pagerOf(last))).toBe("not-needed");
    expect(receiver.received).toEqual([]);
  });

  it("covers nobody who comes after it was given up: that one is told by itself", async () => {
    const [x, y] = (await opened(2)) as [string, string];
    await night.wake();
    await escalates(x);
    await ack(x);
    expect(await sends(pagerOf(x))).toBe("not-needed");
    expect(await escalates(y)).toEqual({ answer: "told" });
  });
});

describe("a cascade in whatever order its jobs, failures and acknowledgements come", () => {
  it("has every channel told unless all are in hand, and no channel twice of one incident", async () => {
    const step = fc.record({ what: fc.constantFrom("work", "work", "fail", "ack", "close"), of: fc.nat(11) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        done.clear();
        await night.begin("slack", "pagerduty-secondary");
        receiver.answers.length = 0;
        const members = await opened(3);
        await night.wake();
        const inHand = new Set<string>();
        for (const { what, of } of steps) {
          const one = members[of % 3]!;
          if (what === "ack" || what === "close") {
            await (what === "ack" ? ack : closed)(one);
            inHand.add(one);
          } else await workOne(of, what === "fail");
        }
        // Everything is tried until it has come to its end.
        while (night.jobs.size > done.size) await workOne(0, false);
        const delivered = await Promise.all(members.map(deliveredOf));
        for (const channels of delivered) expect(new Set(channels).size).toBe(channels.length);
        if (inHand.size < 3)
          expect(new Set(delivered.flat())).toEqual(new Set(["log", "slack", "pagerduty-secondary"]));
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  const done = new Set<string>();
  const workOne = async (index: number, isAway: boolean) => {
    const open = [...night.jobs].filter(([jobId]) => !done.has(jobId));
    const [jobId, job] = open[index % Math.max(1, open.length)] ?? [];
    if (!jobId || !job) return;
    if (job.kind === "escalate") {
      const end = await escalate(night.ports, job).catch((error) => error);
      if (end.code === "step-failed") {
        // To the end of the queue.
        night.jobs.delete(jobId);
        night.jobs.set(jobId, job);
        return;
      }
    } else {
      if (isAway && (job as Job<"send">).channel !== "log") receiver.answers.push(status(503));
      const end = await sends(jobId).catch((error) => error.code);
      receiver.answers.length = 0;
      if (end === "notifier-failed") return;
    }
    done.add(jobId);
  };
});
