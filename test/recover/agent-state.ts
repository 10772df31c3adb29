import { contain } from "../../src/contain/contain.ts";
import { freeze } from "../../src/contain/freeze.ts";
import { isOver } from "../../src/incident/incident.ts";
import type { JobData } from "../../src/incident/jobs.ts";
import { type Money, money, zero } from "../../src/incident/money.ts";
import type { Caps } from "../../src/incident/ports.ts";
import { askRecovery } from "../../src/recover/ask-recovery.ts";
import { capIn } from "../../src/recover/ramp.ts";
import { recover } from "../../src/recover/recover.ts";
import { standDown } from "../../src/recover/stand-down.ts";
import { keys } from "../../src/redis/keys.ts";
import { openRequest } from "../redis/open-request.ts";
import type { Stores } from "../redis/open-stores.ts";
import { lateGateway } from "./late-gateway.ts";
import { modelPorts, setRecovery } from "./model.ts";
import { said } from "./recovering-world.ts";

/**
 * open: new trouble, which opens or joins an incident, and freezes. close: a person calls the newest open incident a false alarm.
 * plan: a person asks to recover it. fire: the next rung is due. work: the recovery worker runs for whatever is open. land: the
 * oldest raise lands at the gateway and is answered; crash-after-land: and the worker dies before it hears. crash: the worker that
 * sent it dies now. lift: somebody raises the caps. tick: every open incident is looked after.
 */
export const acts = [
  ...["open", "close", "plan", "fire", "work", "land", "crash", "crash-after-land", "lift", "tick"],
] as const;
export type Act = (typeof acts)[number];
export type Mutate = (caps: Caps) => Partial<Caps>;

const agentId = "agent-7";
const abort = new AbortController().signal;
const before = money("500.00");

/** Plays it on the real flows and the real Redis, lets everything land, and answers what must not be. */
export async function play(stores: Stores, sequence: readonly Act[], mutate: Mutate): Promise<string[]> {
  await stores.redis.flushdb();
  const wrong: string[] = [];
  const isHeld = async () => (await stores.redis.scard(keys.holds(0, agentId))) > 0;
  const late = lateGateway(async () => {
    if (await isHeld()) wrong.push("a raise left while the agent was held");
  });
  const ports = modelPorts(stores, late.gateway);
  const raising = { ...ports, caps: { ...ports.caps, ...mutate(ports.caps) } };
  const opened: string[] = [];
  /** What workers are at, by incident: one at a time, a second one gives up until the queue tries again. */
  const flows = new Map<string, Promise<unknown>>();
  const dead = new Set<string>();
  let done = 0;
  let isLifted = false;

  const unended = async () => {
    const all = await Promise.all(opened.map((id) => stores.incidents.load(id)));
    return all.filter((one) => one !== null).filter(({ status }) => !isOver(status));
  };
  const newest = async () => (await unended()).at(-1);
  const containAll = async () => {
    for (const { id } of await unended()) await contain(ports, { incidentId: id }, abort).catch(() => null);
  };
  const open = async () => {
    const { incidentId } = await stores.incidents.open(openRequest({ agentId }));
    if (!opened.includes(incidentId)) opened.push(incidentId);
    await containAll();
  };
  /** What recovery itself concluded goes its way through the queue. */
  const freezeJobs = async () => {
    for (; done < ports.dispatch.added.length; done += 1) {
      const { queue, data } = ports.dispatch.added[done]!;
      if (queue !== "freeze") continue;
      const { incidentId } = await freeze(ports, data as Exclude<JobData["freeze"], { shutdownFor: unknown }>, abort);
      if (incidentId && !opened.includes(incidentId)) opened.push(incidentId);
    }
  };
  const recoverOrStandDown = async (incidentId: string): Promise<unknown> => {
    const end = await standDown(raising, { incidentId }, abort);
    return end.answer === "not-asked" || end.answer === "over" ? recover(raising, { incidentId }, abort) : end;
  };
  const work = async (incidentId: string) => {
    if (flows.has(incidentId)) return;
    const isOut = late.raisesOut();
    const flow = recoverOrStandDown(incidentId).catch((error: unknown) => error);
    await Promise.race([flow, late.nextRaise()]);
    if (late.raisesOut() > isOut) flows.set(incidentId, flow);
  };
  const ownerOf = (action: string | null) => action?.split(":")[1] ?? "";
  const land = async (unanswered: boolean) => {
    const action = late.oldest();
    if (action === null) return;
    const isUnheard = unanswered || dead.has(action);
    late.land({ unanswered: isUnheard });
    if (!isUnheard) await flows.get(ownerOf(action));
    flows.delete(ownerOf(action));
  };
  const workAll = async () => {
    for (const id of opened) await work(id);
    await freezeJobs();
  };
  const play: Record<Act, () => Promise<void>> = {
    open,
    async close() {
      const incident = await newest();
      if (incident) await stores.incidents.beginStandDown(incident.id, "ada", "false alarm");
    },
    async plan() {
      const incident = await newest();
      if (incident?.status !== "contained" || incident.standDown) return;
      await askRecovery(ports, { incidentId: incident.id, ...said });
      await work(incident.id);
    },
    async fire() {
      const incident = await newest();
      if (incident?.status === "recovering" && incident.recovery?.dueAt)
        await setRecovery(ports, incident.id, { dueAt: 1 });
      if (incident) await work(incident.id);
    },
    work: workAll,
    land: async () => land(false),
    async crash() {
      const action = late.oldest();
      if (action === null) return;
      dead.add(action);
      flows.delete(ownerOf(action));
    },
    "crash-after-land": async () => land(true),
    async lift() {
      isLifted = true;
      late.caps = { dailyCap: money("900.00"), monthlyCap: null, alertThreshold: 0.8 };
    },
    async tick() {
      await workAll();
      await containAll();
    },
  };

  for (const act of sequence) await play[act]();
  while (late.raisesOut() > 0) await land(false);
  if (
    (await isHeld()) &&
    !isLifted &&
    dead.size === 0 &&
    !sequence.includes("crash-after-land") &&
    late.caps.dailyCap !== 0n
  )
    wrong.push("held, and yet it can spend");
  // Leases run out, queues try again, holds look: until nothing is left to do.
  for (let rounds = 0; rounds < 4; rounds += 1) {
    await runOut(stores, opened);
    await play.tick();
    while (late.raisesOut() > 0) await land(false);
  }
  if ((await isHeld()) && late.caps.dailyCap !== 0n) wrong.push("held, and yet it can spend in the end");
  const should = isLifted ? null : await shouldHave(stores, opened);
  if (!(await isHeld()) && should !== null && late.caps.dailyCap !== should)
    wrong.push(`free, and it may spend ${late.caps.dailyCap} instead of ${should}`);
  return wrong;
}

/** No claim and no write is on its way any more. */
async function runOut({ redis }: Stores, opened: readonly string[]): Promise<void> {
  await redis.del(keys.lowering(0, agentId));
  for (const id of opened)
    for (const prefix of ["raise", "restore"])
      for (const key of await redis.keys(keys.action(0, `${prefix}:${id}*`).replace("{", "\\{")))
        if ((await redis.hget(key, "st")) === "started") await redis.hset(key, "exp", 0);
}

/** The daily cap that the newest release gave back. */
async function shouldHave({ incidents }: Stores, opened: readonly string[]): Promise<Money | null> {
  const newest = opened.length > 0 ? await incidents.load(opened.at(-1)!) : null;
  if (newest?.status !== "recovering" || newest.recovery === null) return before;
  const { rungs, rung } = newest.recovery;
  return rung === null ? zero : capIn(rungs[rung]!.dailyCap);
}
