import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { atRisk } from "../../words/by-urgency.ts";
import { isZero, sumMoney } from "../../words/money.ts";
import { counted } from "../../words/names.ts";
import { IncidentRow } from "./incident-row.tsx";
import type { IncidentSummary } from "./incidents.tsx";

/** Troubles that belong together, as one: several agents by one cause are one thing to think about. */
export function CascadeGroup({ cascadeId, members }: { cascadeId: string; members: readonly IncidentSummary[] }) {
  const risk = sumMoney(members.map(atRisk));
  return (
    <div class="cascade-group">
      <Link href={`/cascades/${cascadeId}`} class="cascade-group-head">
        <Icon name="fleet" />
        <span>
          <strong>Cascade of {counted(members.length, "agent")}</strong>
          {!isZero(risk) && (
            <>
              {" · "}
              <Money amount={risk} /> at risk
            </>
          )}
        </span>
        <span class="cascade-group-more">
          Where it began
          <Icon name="next" size={16} />
        </span>
      </Link>
      <ul>
        {members.map((incident) => (
          <li key={incident.id}>
            <IncidentRow incident={incident} />
          </li>
        ))}
      </ul>
    </div>
  );
}
