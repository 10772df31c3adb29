import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { riskOf } from "../../words/cascade-groups.ts";
import { counted } from "../../words/names.ts";
import { isAnyAtRisk, riskText } from "../../words/risk.ts";
import type { IncidentSummary } from "./answers.ts";
import { IncidentRow } from "./incident-row.tsx";

/** Troubles that belong together, as one: several agents by one cause are one thing to think about. */
export function CascadeGroup({ cascadeId, members }: { cascadeId: string; members: readonly IncidentSummary[] }) {
  const risk = riskOf(members);
  return (
    <div class="cascade-group">
      <Link href={`/cascades/${cascadeId}`} class="cascade-group-head">
        <Icon name="fleet" />
        <span>
          <strong>{counted(members.length, "agent")} of one cascade</strong>
          {isAnyAtRisk(risk) && ` · ${riskText(risk)}`}
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
