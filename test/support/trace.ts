import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Act } from "../../src/sandbox/scenarios/act.ts";
import type { Scenario } from "../../src/sandbox/scenarios/scenario.ts";

/** One webhook body and when it happened, milliseconds since 1970. */
export interface Said {
  atMs: number;
  body: Readonly<Record<string, unknown>>;
}

export type Dialect = "seed" | "gateway";

/** How the seeds' gateway, and the real one, tell that an escrow came into a state. */
export function escrowSaid(
  {
    atMs,
    escrowId,
    payer,
    payee,
    amount,
    state,
  }: {
    atMs: number;
    escrowId: string;
    payer: string;
    payee: string;
    amount: string;
    state: "held" | "settled" | "refunded";
  },
  dialect: Dialect = "seed",
): Said {
  if (dialect === "gateway") {
    const data = { escrow_id: escrowId, payer_id: payer, payee_id: payee, amount: Number(amount), new_status: state };
    return {
      atMs,
      body: { type: "escrow_state_change", source: payer, created_at: new Date(atMs).toISOString(), data },
    };
  }
  const payload = { escrow_id: escrowId, payer, payee, amount, status: state };
  return { atMs, body: { event_type: "escrow_state_change", agent_id: payer, timestamp: atMs / 1000, payload } };
}

/** What webhooks would have told of a scenario of escrows, if nobody had stepped in; zeroMs is when it began. */
export function traceOf(scenario: Scenario, zeroMs: number, dialect: Dialect = "seed"): Said[] {
  const held: { payer: string; payee: string; amount: string; escrowId: string }[] = [];
  let count = 0;
  const acts = scenario.acts.flatMap(single).sort((a, b) => a.atMs - b.atMs);
  return acts.flatMap((act): Said[] => {
    const atMs = zeroMs + act.atMs;
    if (act.does === "open") {
      count += 1;
      const escrow = {
        payer: act.payer,
        payee: act.payee,
        amount: act.amount,
        escrowId: `esc-${scenario.name}-${count}`,
      };
      held.push(escrow);
      return [escrowSaid({ atMs, ...escrow, state: "held" }, dialect)];
    }
    if (act.does !== "release") return [];
    const paid = held.filter(({ payer, payee }) => payer === act.payer && payee === act.payee);
    return paid.slice(0, act.count === "all" ? paid.length : act.count).map((escrow) => {
      held.splice(held.indexOf(escrow), 1);
      return escrowSaid({ atMs, ...escrow, state: "settled" }, dialect);
    });
  });
}

function single(act: Act): Act[] {
  if (act.does !== "loop") return [act];
  const { payer, payee, amount, attempts, everyMs } = act;
  return Array.from({ length: attempts }, (_, index) => {
    return { atMs: act.atMs + index * everyMs, does: "open", payer, payee, amount };
  });
}

/** Those of several stories in one file, by time; of equal times in the order given. */
export function together(...stories: readonly (readonly Said[])[]): Said[] {
  return stories.flat().sort((a, b) => a.atMs - b.atMs);
}

const folder = mkdtempSync(join(tmpdir(), "tourniquet-trace-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Written line by line; answers the path. */
export function traceFile(lines: readonly (Said | string)[]): string {
  const path = join(folder, `${randomUUID()}.ndjson`);
  writeFileSync(path, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line.body))).join("\n"));
  return path;
}
