import { groupCascades } from "../../words/cascade-groups.ts";
import { isOpen } from "../../words/standing.ts";
import type { IncidentSummary } from "./answers.ts";
import { CascadeGroup } from "./cascade-group.tsx";
import { IncidentRow } from "./incident-row.tsx";

/** What is open, and apart from it what is over; each in the order of the answer. */
export function Sections({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const open = incidents.filter(isOpen);
  const over = incidents.filter((incident) => !isOpen(incident));
  return (
    <>
      {open.length > 0 && (
        <section class="incident-list" aria-label="Open incidents">
          <h2>Open</h2>
          <ul>
            {groupCascades(open).map(({ cascadeId, members }) => (
              <li key={cascadeId ?? members[0]?.id}>
                {cascadeId === null || members.length === 1 ? (
                  <IncidentRow incident={members[0]!} />
                ) : (
                  <CascadeGroup cascadeId={cascadeId} members={members} />
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {over.length > 0 && (
        <section class="incident-list" aria-label="Incidents that are over">
          <h2>Over</h2>
          <ul class="incident-list-over">
            {over.map((incident) => (
              <li key={incident.id}>
                <IncidentRow incident={incident} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
