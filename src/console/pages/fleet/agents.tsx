import { useEffect, useState } from "preact/hooks";
import { Card } from "../../parts/card.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Loaded } from "../../parts/page.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { AgentRow } from "./agent-row.tsx";
import { type FleetAgents, type Group, groups, inGroup, type Sort, sorted, sorts, summed } from "./answers.ts";

const MOST = 500;
/** Between two letters of somebody who types. */
const TYPING_MS = 250;

/** Who spends, who is held, and why. */
export function Agents({ onDone }: { onDone(): void }) {
  const { query } = useStore(place);
  const search = (query.get("q") ?? "").trim();
  const asked = useSettled(search);
  const loaded = useServer<FleetAgents>(
    `/api/fleet/agents?limit=${MOST}${asked === "" ? "" : `&agent=${encodeURIComponent(asked)}`}`,
    ({ topic }) => topic === "fleet" || topic === "incident",
  );
  const done = () => {
    onDone();
    loaded.reload();
  };
  return (
    <Loaded loaded={loaded}>
      {(answer) =>
        answer.agents.length === 0 && asked === "" ? (
          <Empty title="No agent is known yet.">
            <p>
              Name yours under <code>fleet.agents</code> in the settings file; whoever a webhook tells of is shown too.
            </p>
          </Empty>
        ) : (
          <List answer={answer} query={query} onDone={done} />
        )
      }
    </Loaded>
  );
}

interface ListProps {
  answer: FleetAgents;
  query: URLSearchParams;
  onDone(): void;
}

function List({ answer: { agents, next }, query, onDone }: ListProps) {
  const group = (Object.keys(groups) as Group[]).find((one) => one === query.get("state")) ?? "all";
  const sort = sorts.find((one) => one === query.get("sort")) ?? "trouble";
  const count = (one: Group) => agents.filter((agent) => inGroup(agent, one)).length;
  const found = sorted(
    agents.filter((agent) => inGroup(agent, group)),
    sort,
  );
  return (
    <Card title="Agents" aside={summed(agents)}>
      <search class="filters" aria-label="Which agents">
        <Field
          label="Search"
          placeholder="Part of a name"
          name="q"
          kind="search"
          value={query.get("q") ?? ""}
          onInput={(q) => setQuery({ q: q || null })}
        />
        <Choice<Group>
          label="Show"
          value={group}
          onChange={(one) => setQuery({ state: one === "all" ? null : one })}
          options={[
            { value: "all", label: `All (${agents.length})` },
            { value: "trouble", label: `In trouble, not held (${count("trouble")})` },
            { value: "held", label: `Held (${count("held")})` },
            { value: "recovering", label: `Recovering (${count("recovering")})` },
            { value: "free", label: `Free (${count("free")})` },
          ]}
        />
        <Choice<Sort>
          label="Sort by"
          value={sort}
          onChange={(one) => setQuery({ sort: one === "trouble" ? null : one })}
          options={[
            { value: "trouble", label: "Trouble first" },
            { value: "spending", label: "Who spends most first" },
            { value: "name", label: "By name" },
            { value: "wallet", label: "By wallet" },
          ]}
        />
      </search>
      {found.length === 0 && (
        <Empty title="No agent fits.">
          <p>Search for less, or show all.</p>
        </Empty>
      )}
      <ul class="rows">
        {found.map((agent) => (
          <AgentRow key={agent.agentId} agent={agent} onDone={onDone} />
        ))}
      </ul>
      {next !== null && <p class="muted small">These are the {MOST} who spend most; search for the others by name.</p>}
    </Card>
  );
}

/** What it was for a moment: nobody is asked for every letter. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
