import { setTimeout as after } from "node:timers/promises";
import { call } from "./call.ts";
import { type Answer, createCast } from "./cast.ts";
import type { Act, Loop } from "./scenarios/act.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { createTempo, type Tempo } from "./tempo.ts";

/** What came of the loops of a story. */
export interface Played {
  attempted: number;
  created: number;
  refused: number;
}

export interface PlayOptions {
  speed: number;
  /** Whose clock the sandbox has; left out: the time on the wall. */
  tempo?: Tempo;
  /** Where the agents' own telemetry goes; left out: nowhere. */
  activity?: { url: string; secret: string };
  /** Hears every try of a loop. */
  onAttempt?(played: Played, accepted: boolean): void;
  signal?: AbortSignal;
}

/** Between two tries of an agent that the caps have refused once: nobody needs to wait for it. */
const HAMMER_PAUSE_MS = 5;

/** One act at its time. Those of one loop know of each other: refused by its caps, the agent only hammers on. */
interface Moment {
  atMs: number;
  act: Exclude<Act, Loop>;
  track: Track | null;
}
interface Track {
  loop: Loop;
  isFrozen: boolean;
  /** It got what it tried for. */
  isServed: boolean;
}

/** Plays a scenario over the gateway's own routes, as those in it would, `speed` times as fast as the night it happened. */
export async function play(sandboxUrl: string, scenario: Scenario, options: PlayOptions): Promise<Played> {
  const { tempo = createTempo(options.speed), signal } = options;
  const reporting = new Set(scenario.agents.filter((agent) => agent.reportsErrors).map(({ agentId }) => agentId));
  const cast = createCast({ sandboxUrl, activity: options.activity, reporting, now: tempo.now });
  const played = { attempted: 0, created: 0, refused: 0 };
  const ahead = scenario.acts.flatMap(momentsOf).sort((a, b) => a.atMs - b.atMs);
  tempo.begin();
  for (let moment = ahead.shift(); moment; moment = ahead.shift()) {
    const isOver = [moment, ...ahead].every(({ track }) => track?.isFrozen);
    if (isOver) {
      await after(HAMMER_PAUSE_MS, undefined, signal ? { signal } : {});
      tempo.skipTo(moment.atMs);
    } else await tempo.reach(moment.atMs, signal);
    if (moment.track?.isServed) continue;
    const answer = await cast.perform(moment.act);
    if (moment.track) follow(moment as Moment & { track: Track }, answer, ahead, played, options);
  }
  tempo.end();
  return played;
}

/** Puts the scenario's agents, wallets, caps, keys and standing in place. */
export async function stage(sandboxUrl: string, scenario: Scenario): Promise<void> {
  const agents = scenario.agents.map(({ agentId, walletId, balance, dailyCap, monthlyCap, ...rest }) => ({
    ...{ agentId, walletId, balance, dailyCap, monthlyCap },
    ...(rest.alertThreshold === undefined ? {} : { alertThreshold: rest.alertThreshold }),
    ...(rest.publicKey === undefined ? {} : { publicKey: rest.publicKey }),
  }));
  await call(sandboxUrl, "POST", "/_sandbox/agents", agents, "");
  for (const { agentId, reputation: score } of scenario.agents)
    if (score !== undefined) await call(sandboxUrl, "PUT", `/_sandbox/agents/${agentId}/reputation`, { score }, "");
}

/** How long the story is, from its first moment to its last; milliseconds. */
export function lengthOf(scenario: Scenario): number {
  return Math.max(0, ...scenario.acts.flatMap(momentsOf).map(({ atMs }) => atMs));
}

/** The loop of a story about one. */
export function loopOf(scenario: Scenario): Loop {
  const loop = scenario.acts.find((act) => act.does === "loop");
  if (!loop) throw new Error(`${scenario.name} has no loop`);
  return loop;
}

function momentsOf(act: Act): Moment[] {
  if (act.does !== "loop") return [{ atMs: act.atMs, act, track: null }];
  const { payer, payee, amount, attempts, everyMs } = act;
  const track = { loop: act, isFrozen: false, isServed: false };
  return Array.from({ length: attempts }, (_, index) => {
    const atMs = act.atMs + index * everyMs;
    return { atMs, act: { atMs, does: "open", payer, payee, amount } as const, track };
  });
}

function follow(
  { track, atMs }: Moment & { track: Track },
  answer: Answer,
  ahead: Moment[],
  played: Played,
  options: PlayOptions,
): void {
  const accepted = answer === "done";
  track.isServed = accepted && track.loop.untilAccepted === true;
  played.attempted += 1;
  if (accepted) played.created += 1;
  else played.refused += 1;
  if (answer === "refused-by-caps" && !track.isFrozen) {
    track.isFrozen = true;
    const later = (track.loop.onceRefused ?? []).map((act) => ({ ...act, atMs: atMs + act.atMs }));
    ahead.push(...later.flatMap(momentsOf));
    ahead.sort((a, b) => a.atMs - b.atMs);
  }
  options.onAttempt?.(played, accepted);
}
