import { Choice, Field } from "../../parts/field.tsx";
import { Page } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { place, setQuery } from "../../router.ts";
import { useStore } from "../../store.ts";
import { IncidentList } from "./incident-list.tsx";
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
  return (
    <Page title="Incidents">
      <Overview />
      <search class="filters pair" aria-label="Which incidents">
        <Tabs label="Show" value={status as ""} options={tabs} onChange={(value) => narrow({ status: value })} />
        <Choice
          label="Priority"
          value={priority as ""}
          options={priorities}
          onChange={(value) => narrow({ priority: value })}
        />
        <Field
          label="Agent"
          name="agent"
          kind="search"
          value={agent}
          onInput={(value) => narrow({ agent: value.trim() })}
          placeholder="Agent"
        />
      </search>
      <IncidentList filter={{ status, priority, agent }} />
    </Page>
  );
}

/** Of another list, the first of it. */
function narrow(filter: Readonly<Record<string, string>>): void {
  const said = Object.entries(filter).map(([name, value]) => [name, value === "" ? null : value]);
  setQuery({ ...Object.fromEntries(said), show: null });
}
