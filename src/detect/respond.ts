import type { Breakers } from "../incident/breaker.ts";
import { ACT_MS } from "../incident/deadline.ts";
import { isHearsay } from "../incident/hearsay.ts";
import type { Signal } from "../incident/signal.ts";
import { signalId } from "../incident/signal-id.ts";
import { type Silence, type Silences, silenced, silencedBy, silenceFor } from "../incident/silence.ts";
import { runbookFor } from "../runbooks/index.ts";
import { isDryRun, type Settings } from "../settings/settings.ts";
import { toldOnly } from "./hearsay.ts";
import { callsForContainment, decide, type PolicyAnswer } from "./policy.ts";

export interface RespondPorts {
  breakers: Pick<Breakers, "ask">;
  silences: Pick<Silences, "current" | "heldBack">;
  settings: Settings;
}

/** The signal as it is kept, and what follows from it. */
export interface Response {
  signal: Signal;
  policy: PolicyAnswer;
}

/**
 * What policy says to a signal, unless something overrules it: an open breaker contains at once what policy would only tell
 * or record (P3), and a silence holds back an alert, or containment where it says so (P6). Each overruled signal gets an id
 * of its own, so that the same trouble is answered anew once the breaker is closed or the silence is over.
 */
export async function respond(ports: RespondPorts, signal: Signal): Promise<Response> {
  const policy = toldOnly(signal, decide(signal, ports.settings));
  const [tripped, current] = await Promise.all([trippedBreaker(ports, signal, policy), ports.silences.current()]);
  const response = observed(ports.settings, tripped ?? { signal: ofItsHour(signal, policy, current.now), policy });
  if (response.policy.tier === null) return response;
  const what = callsForContainment(response.policy) ? "containment" : "alert";
  const silence = silenceFor([...ports.settings.silences, ...current.silences], signal, current.now, what);
  return silence ? heldBack(ports, response.signal, silence) : response;
}

/** A check of ours that failed says nothing about the agent: an outage of the gateway must not freeze whoever it opened breakers for. */
async function trippedBreaker(
  { breakers, settings }: RespondPorts,
  signal: Signal,
  policy: PolicyAnswer,
): Promise<Response | null> {
  if (callsForContainment(policy) || signal.kind === "detection-failure" || isHearsay(signal)) return null;
  const { state, failures, openedAt } = await breakers.ask(signal.agentId, settings.breaker, {
    peek: true,
    sparing: [],
  });
  if (state !== "open" || openedAt === null) return null;
  const since = new Date(openedAt).toISOString();
  return {
    signal: {
      ...signal,
      id: signalId(signal.kind, signal.agentId, `breaker open since ${openedAt}: ${signal.id}`),
      why: {
        ...signal.why,
        sentence: `${signal.why.sentence} And its breaker is open since ${since}, after ${failures} failures in a row.`,
      },
    },
    policy: {
      tier: "auto-contain",
      reason: `breaker of ${signal.agentId} open since ${since}: any signal -> auto-contain (else ${policy.reason})`,
    },
  };
}

const HOUR_MS = 3_600_000;

/**
 * The id of a critical signal lasts until an incident of its agent ends it. Where policy only tells it none begins, and what comes
 * late may be found stale: neither may answer for the next trouble, or for the same one once policy contains it.
 */
function ofItsHour(signal: Signal, policy: PolicyAnswer, now: number): Signal {
  const isContained = callsForContainment(policy);
  if (signal.severity !== "critical" || (isContained && now - signal.occurredAt <= ACT_MS)) return signal;
  const hour = `${isContained ? "late" : "told"} ${Math.floor(signal.occurredAt / HOUR_MS)}`;
  return { ...signal, id: signalId(signal.kind, signal.agentId, `${hour}: ${signal.id}`) };
}

/** What is only observed has an id of its own, so that the same trouble is handed over anew once the product acts (P5). */
function observed(settings: Settings, { signal, policy }: Response): Response {
  const dryRun = callsForContainment(policy) && isDryRun(settings, runbookFor(signal.kind).runbook.name);
  const id = signalId(signal.kind, signal.agentId, `observed: ${signal.id}`);
  return { signal: dryRun ? { ...signal, id } : signal, policy };
}

async function heldBack({ silences }: RespondPorts, signal: Signal, silence: Silence): Promise<Response> {
  const held = silenced(signal, silence);
  await silences.heldBack(silence, held.id);
  return { signal: held, policy: { tier: null, reason: silencedBy(silence) } };
}
