import { type CascadeView, viewCascade } from "../../incident/cascade-view.ts";
import type { IntakeStats } from "../../incident/inbox.ts";
import type { IncidentView } from "../../incident/incident.ts";
import type { KeptVerdict } from "../../incident/verdict.ts";
import { call } from "../../sandbox/call.ts";
import type { DrillProduct } from "./product.ts";

/** What a drill is judged by. Money and freezes are the gateway's own account of what happened, not ours. */
export interface DrillFacts {
  effects: readonly Effect[];
  /** Escrows that paid back more than once. */
  doubleRefunds: readonly string[];
  incidents: readonly IncidentView[];
  /** Every signal and what policy answered. */
  verdicts: readonly KeptVerdict[];
  cascades: readonly Pick<CascadeView, "members" | "rootCause">[];
  intake: IntakeStats;
}

/** One line of the gateway's effect log; amounts are decimal strings, actor is who holds the key. */
export interface Effect {
  seq: number;
  effect: string;
  agentId?: string;
  actor?: string;
  escrowId?: string;
  payee?: string;
  amount?: string;
  caps?: { daily: string | null; monthly: string | null };
  /** Of agent control: what was changed, as JSON. */
  detail?: string;
}

/** More than any drill has. */
const MOST = 200;

export async function gather({ sandboxUrl, services }: DrillProduct): Promise<DrillFacts> {
  const look = async <T>(path: string) => (await call(sandboxUrl, "GET", path, undefined, "")).body as T;
  const [{ effects }, { doubleRefunds }, incidents, verdicts, found, intake] = await Promise.all([
    look<{ effects: Effect[] }>("/_sandbox/effects"),
    look<{ doubleRefunds: string[] }>("/_sandbox/state"),
    services.incidents.list(MOST),
    services.verdicts.recent(MOST),
    services.cascades.list(MOST),
    services.inbox.stats(),
  ]);
  const cascades = await Promise.all(found.map((one) => viewCascade(services, one)));
  return { effects, doubleRefunds, incidents, verdicts, cascades, intake };
}
