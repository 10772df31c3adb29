import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import type { AgentControl } from "../../src/incident/agent-control.ts";
import { keys } from "../../src/redis/keys.ts";
import { runSteps } from "../../src/runbooks/runbook.ts";
import { rotateCredentials } from "../../src/runbooks/steps/rotate-credentials.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { stepPorts } from "./step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

type Answer = "done" | "only-said" | "unknown" | "not-done" | "stranger";
const error = new TourniquetError("agent-control-failed", "no answer");

/** A platform that gives these answers, then says yes. Only said: it says yes and rotates nothing. Unknown: `lands` says whether the rotation took place all the same. */
async function rotating(answers: Answer[], lands: (sent: number) => boolean = () => true) {
  const sent: string[] = [];
  let lastRotation: string | null = "rotate:from-before";
  const agentControl = {
    readState: async () => ({ tools: "all", isolated: false, paused: false, lastRotation }),
    async rotateCredentials(_agentId: string, actionKey: string) {
      sent.push(actionKey);
      const answer = answers.shift() ?? "done";
      if (answer === "stranger") return { outcome: "not-done", error: new TourniquetError("not-found", "404") };
      if (answer === "not-done") return { outcome: answer, error };
      if (answer === "only-said") return { outcome: "done", value: { rotated: 3 } };
      if (answer === "done" || lands(sent.length)) lastRotation = actionKey;
      return answer === "done" ? { outcome: answer, value: { rotated: 3 } } : { outcome: answer, error };
    },
  } as unknown as AgentControl;
  const { incidentId } = await stores.incidents.open(openRequest());
  const ports = { ...stepPorts(stores, {} as never), agentControl };
  const incident = (await stores.incidents.load(incidentId))!;
  const context = { ports, incident, signals: [], abort: new AbortController().signal };
  return {
    sent,
    incidentId,
    land: (key = sent.at(-1)!) => {
      lastRotation = key;
    },
    pages: () => ports.dispatch.added.map(({ jobId }) => jobId),
    run: () => runSteps(context, [rotateCredentials]),
    result: async () => (await stores.incidents.receipts(incidentId)).get("rotate-credentials")?.result,
  };
}
const ok = { failed: [] };
const failed = { failed: ["rotate-credentials"] };
const leaseAndGraceEnd = (incidentId: string) => stores.redis.hset(keys.action(0, `rotate:${incidentId}`), "exp", 0);

describe("a rotation of credentials", () => {
  it("is asked for once, under the incident's name, and says how many there were", async () => {
    const { sent, incidentId, run, result } = await rotating([]);
    expect(await run()).toEqual(ok);
    await stores.redis.del(keys.receipts(0, incidentId));
    expect(await run()).toEqual(ok);
    expect(sent).toEqual([`rotate:${incidentId}`]);
    expect(await result()).toEqual({ rotated: 3 });
  });

  it("without an answer is looked for, and not sent again where it shows", async () => {
    const { sent, run, result } = await rotating(["unknown"]);
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(1);
    expect(await result()).toEqual({ observed: true });
  });

  it("without an answer and not to be seen is not sent again while the first may still land", async () => {
    const { sent, run, land, result } = await rotating(["unknown"], () => false);
    expect(await run()).toEqual(failed);
    expect(await run()).toEqual(failed);
    land();
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(1);
    expect(await result()).toEqual({ observed: true });
  });

  it("is sent again under the same key when the first can no longer land", async () => {
    const { sent, incidentId, run } = await rotating(["unknown"], () => false);
    expect(await run()).toEqual(failed);
    await leaseAndGraceEnd(incidentId);
    expect(await run()).toEqual(ok);
    expect(sent).toEqual([`rotate:${incidentId}`, `rotate:${incidentId}`]);
  });

  it("is looked for before it is sent again", async () => {
    const { sent, incidentId, run, land } = await rotating(["unknown"], () => false);
    await run();
    await leaseAndGraceEnd(incidentId);
    land();
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(1);
  });

  it("that certainly did not happen is paged, and sent again at once", async () => {
    const { sent, incidentId, run, pages } = await rotating(["not-done", "not-done"]);
    expect(await run()).toEqual(failed);
    expect(await run()).toEqual(failed);
    expect(await run()).toEqual(ok);
    expect(sent).toHaveLength(3);
    expect(pages()).toEqual([`page-${incidentId}-agent-control-failing`]);
  });

  it("that the platform says it did and does not show is not believed, paged, and not sent again", async () => {
    const { sent, incidentId, run, pages, result, land } = await rotating(["only-said"]);
    expect(await run()).toEqual(failed);
    expect(await result()).toBeUndefined();
    expect(pages()).toEqual([`page-${incidentId}-agent-control-failing`]);
    const { timeline } = (await stores.incidents.view(incidentId))!;
    expect(timeline.at(-1)?.detail).toMatchObject({
      message: expect.stringContaining("does not show it in last_rotation"),
    });
    await leaseAndGraceEnd(incidentId);
    expect(await run()).toEqual(failed);
    land();
    expect(await run()).toEqual(ok);
    expect(await result()).toEqual({ rotated: 3 });
    expect(sent).toHaveLength(1);
  });

  it("that a person does by hand after that counts, whatever it is called", async () => {
    const { sent, run, result, land } = await rotating(["only-said"]);
    expect(await run()).toEqual(failed);
    land("by-hand-1");
    expect(await run()).toEqual(ok);
    expect(await result()).toEqual({ rotated: 3 });
    expect(sent).toHaveLength(1);
  });

  it("of an agent that the platform does not run is for a person", async () => {
    const { run, result } = await rotating(["stranger"]);
    expect(await run()).toEqual(ok);
    expect(await result()).toEqual({ byHand: "agent control does not run it: rotate its credentials by hand" });
  });
});
