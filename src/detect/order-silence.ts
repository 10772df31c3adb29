import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { agentId } from "../incident/agent-id.ts";
import { inOneLine, mistakesOf } from "../incident/mistakes.ts";
import type { Log } from "../incident/ports.ts";
import { signalKinds } from "../incident/signal.ts";
import { LONGEST_SILENCE_MS, type Silences, type SilenceView, stateOf } from "../incident/silence.ts";
import { person, whoAndWhy } from "../incident/who-and-why.ts";

export interface OrderSilencePorts {
  silences: Pick<Silences, "add" | "end" | "current">;
  log: Log;
}

/** All of them are read before every freeze. */
const MOST_AT_ONCE = 100;

const time = z.iso
  .datetime({ offset: true, error: "must be a time with its zone, such as 2026-11-22T02:47:00Z" })
  .transform((text) => Date.parse(text));

/** What a silence is ordered with, over HTTP as on the command line. */
export const silenceOrder = z.strictObject({
  owner: person.owner,
  reason: person.reason.max(200, "must be at most 200 characters"),
  until: time,
  from: time.optional(),
  agent: agentId.optional(),
  signal: z.enum(signalKinds, `must be one of ${signalKinds.join(", ")}`).optional(),
  holdsContainment: z.boolean("must be true or false").optional(),
});

/** P6: a silence made while the product runs, by what was said. Throws as `addSilence`, and for everything else that is wrong. */
export async function orderSilence(ports: OrderSilencePorts, said: unknown): Promise<SilenceView> {
  const { data, error } = silenceOrder.safeParse(said ?? {});
  if (error) throw invalid(mistakesOf(error.issues));
  return addSilence(ports, data);
}

/**
 * What is past and what is too long is judged by Redis's time. Throws input-invalid whose `detail.mistakes` names every field that
 * is wrong, and conflict where there are too many.
 */
export async function addSilence(
  { silences, log }: OrderSilencePorts,
  order: z.output<typeof silenceOrder>,
): Promise<SilenceView> {
  const { now, silences: standing } = await silences.current();
  const mistakes = mistakesOfTime(order, now);
  if (mistakes.length > 0) throw invalid(mistakes);
  if (standing.length >= MOST_AT_ONCE)
    throw new TourniquetError(
      "conflict",
      `There are ${MOST_AT_ONCE} silences already: end one, or make one of several.`,
    );
  const { from = now, agent, signal, holdsContainment = false, ...rest } = order;
  const silence = await silences.add({ ...rest, from, agent, signal, holdsContainment });
  log.warn({ ...silence }, "silence.added");
  return { ...silence, state: stateOf(silence, now), heldBack: 0 };
}

const invalid = (mistakes: ReturnType<typeof mistakesOf>) =>
  new TourniquetError("input-invalid", `The silence has mistakes: ${inOneLine(mistakes)}.`, { mistakes });

function mistakesOfTime({ from, until }: { from?: number | undefined; until: number }, now: number) {
  const problem =
    until <= now
      ? "is past"
      : from !== undefined && until <= from
        ? "must be later than from"
        : until - Math.max(from ?? now, now) > LONGEST_SILENCE_MS
          ? "must be at most 30 days ahead"
          : null;
  return problem === null ? [] : [{ field: "until", problem }];
}

/** Ends it now. Throws not-found where there is none of this id, or its time was over. */
export async function endSilence({ silences, log }: OrderSilencePorts, id: string, who: string): Promise<void> {
  const { by } = whoAndWhy({ by: who });
  if (!(await silences.end(id)))
    throw new TourniquetError(
      "not-found",
      `There is no silence ${id} that could be ended. One of the settings file ends there.`,
    );
  log.warn({ id, by }, "silence.ended-early");
}
