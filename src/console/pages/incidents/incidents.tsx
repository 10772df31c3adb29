import { Choice, Field } from "../../parts/field.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { byUrgency, groupCascades } from "../../words/by-urgency.ts";
import { isOpen } from "../../words/standing.ts";
import type { IncidentPage, IncidentSummary } from "./answers.ts";
import { CascadeGroup } from "./cascade-group.tsx";
import { IncidentRow } from "./incident-row.tsx";
import { Older } from "./older.tsx";
import { Overview } from "./overview.tsx";

const priorities = [
  { value: "", label: "Every priority" },
  { value: "P0", label: "P0 only" },
  { value: "P1", label: "P1 only" },
  { value: "P2", label: "P2 only" },
  { value: "P3", label: "P3 only" },
] as const;
const tabs = [
  { value: "", label: "All" },
  { value: "open", label: "Open" },
  { value: "over", label: "Over" },
] as const;

/** Everything that bleeds, first; then everything that was. */
export function Incidents() {
  const { query } = useStore(place);
  const status = query.get("status") ?? "";
  const priority = query.get("priority") ?? "";
  const agent = query.get("agent") ?? "";
  const loaded = useServer<IncidentPage>(pathOf({ status, priority, agent }), ({ topic }) => topic === "incident");
  return (
    <Page title="Incidents">
      <Overview />
      <search class="filters pair" aria-label="Which incidents">
        <Tabs
          label="Show"
          value={status as ""}
          options={tabs}
          onChange={(value) => setQuery({ status: value === "" ? null : value })}
        />
        <Choice
          label="Priority"
          value={priority as ""}
          options={priorities}
          onChange={(value) => setQuery({ priority: value === "" ? null : value })}
        />
        <Field
          label="Agent"
          name="agent"
          kind="search"
          value={agent}
          onInput={(value) => setQuery({ agent: value.trim() === "" ? null : value.trim() })}
          placeholder="Agent"
        />
      </search>
      <Loaded loaded={loaded}>
        {({ incidents, next }) => (
          <>
            <List incidents={incidents} isNarrowed={status + priority + agent !== ""} />
            {next != null && <Older path={pathOf({ status, priority, agent })} from={next} key={next} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function pathOf(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  query.set("limit", "50");
  return `/api/incidents?${query}`;
}

function List({ incidents, isNarrowed }: { incidents: readonly IncidentSummary[]; isNarrowed: boolean }) {
  if (incidents.length === 0)
    return isNarrowed ? (
      <Empty title="No incident is like that." />
    ) : (
      <Empty title="No incident yet.">
        <p>When an agent gets into trouble, it stands here first.</p>
      </Empty>
    );
  const sorted = byUrgency(incidents);
  const open = sorted.filter(isOpen);
  const over = sorted.filter((incident) => !isOpen(incident));
  return (
    <>
      {open.length > 0 && (
        <section class="incident-list" aria-labelledby="open">
          <h2 id="open">Open</h2>
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
        <section class="incident-list" aria-labelledby="over">
          <h2 id="over">Over</h2>
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
