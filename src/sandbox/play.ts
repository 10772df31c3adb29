import { setTimeout as after } from "node:timers/promises";
import { request } from "undici";
import type { Scenario } from "./scenarios/scenario.ts";

export interface Played {
  attempted: number;
  created: number;
  refused: number;
}

/** After the first refusal the agent hammers on: nothing it does can matter any more, so nobody needs to wait for it. */
const REFUSED_PAUSE_MS = 5;

/**
 * Plays a scenario over the gateway's own routes, as the agents would, `speed` times as fast as the night it happened.
 * onAttempt hears every try of the loop.
 */
export async function play(
  sandboxUrl: string,
  scenario: Scenario,
  options: { speed: number; onAttempt(played: Played, accepted: boolean): void; signal?: AbortSignal },
): Promise<Played> {
  for (const { payer, payee, amount } of scenario.before) await openEscrow(sandboxUrl, payer, payee, amount);
  const { payer, payee, amount, attempts, everyMs } = scenario.loop;
  const played = { attempted: 0, created: 0, refused: 0 };
  while (played.attempted < attempts) {
    const startedAt = performance.now();
    const accepted = await openEscrow(sandboxUrl, payer, payee, amount);
    played.attempted += 1;
    if (accepted) played.created += 1;
    else played.refused += 1;
    options.onAttempt(played, accepted);
    const pause = accepted ? everyMs / options.speed - (performance.now() - startedAt) : REFUSED_PAUSE_MS;
    await after(Math.max(0, pause), undefined, options.signal ? { signal: options.signal } : {});
  }
  return played;
}

/** Puts the scenario's agents, wallets and caps in place. */
export async function stage(sandboxUrl: string, scenario: Scenario): Promise<void> {
  await call(sandboxUrl, "POST", "/_sandbox/agents", scenario.agents, "");
}

async function openEscrow(url: string, payer: string, payee: string, amount: string): Promise<boolean> {
  const { status } = await call(
    url,
    "POST",
    "/v1/payments/escrows",
    { payer, payee, amount },
    `sandbox-agent-${payer}`,
  );
  return status === 201;
}

/** One call to the sandbox; answers status and parsed body. */
export async function call(
  url: string,
  method: "GET" | "POST",
  path: string,
  body: unknown,
  token: string,
): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await request(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: text ? JSON.parse(text) : null };
}
