import { addMoney, zero } from "../../incident/money.ts";
import type { Verdict } from "../../incident/verdict.ts";
import type { Place, Tried, TriedIncident } from "../../learn/backtest.ts";
import type { Book, Opening } from "./book.ts";
import type { Told } from "./trace.ts";

/** What a replay has found so far: incidents with the money that is theirs, and how often people were warned. */
export interface Findings {
  /** The replay has come to this event. */
  at(told: Told, opening: Opening | null): void;
  /** The agent is contained, or contained with more than before. */
  contained(verdict: Verdict, budget: TriedIncident["budget"]): void;
  warned(): void;
  found(): Pick<Tried, "incidents" | "warnings">;
}

export function createFindings(book: Book): Findings {
  const byAgent = new Map<string, TriedIncident>();
  let warnings = 0;
  let place: Place;
  /** By the freeze what is locked is settled; what the agent opens from then on would have been saved. */
  const freeze = (incident: TriedIncident) => {
    const { escrows, amount: locked } = book.locked(incident.agentId);
    Object.assign(incident, { frozen: place, escrows, locked } satisfies Partial<TriedIncident>);
  };
  return {
    at({ line, stored: { id: eventId, receivedAt: at } }, opening) {
      place = { line, eventId, at };
      const incident = opening && byAgent.get(opening.payer);
      if (!opening || !incident?.frozen) return;
      // Told of late, and opened before.
      if (opening.at <= incident.frozen.at) {
        incident.escrows += 1;
        incident.locked = addMoney(incident.locked, opening.amount);
      } else incident.lockedAfter = addMoney(incident.lockedAfter, opening.amount);
    },
    contained({ signal, decidedBy, cascadeId }, budget) {
      const { agentId, kind, severity, why, occurredAt } = signal;
      const known = byAgent.get(agentId);
      if (known) {
        known.budget = budget;
        if (budget === "freeze" && !known.frozen) freeze(known);
        return;
      }
      const { escrows, amount: locked } = book.locked(agentId);
      const opened: TriedIncident = {
        ...{ agentId, signal: kind, severity, rule: why.rule, decidedBy, cascadeId: cascadeId ?? null },
        ...{ event: place, startedAt: signal.startedAt ?? occurredAt, firstEventAt: book.firstEventAt(agentId) },
        ...{ budget, frozen: null, escrows, locked, lockedAfter: zero },
      };
      byAgent.set(agentId, opened);
      if (budget === "freeze") freeze(opened);
    },
    warned() {
      warnings += 1;
    },
    found: () => ({ incidents: [...byAgent.values()], warnings }),
  };
}
