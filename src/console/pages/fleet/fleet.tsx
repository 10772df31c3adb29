import { useState } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { Link } from "../../parts/link.tsx";
import { Empty, Notice } from "../../parts/notice.tsx";
import { Order } from "../../parts/order.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { spoken } from "../../words/names.ts";
import {
  type AgentState,
  agentStates,
  type FleetAgent,
  type FleetStatus,
  type Sort,
  shown,
  sorts,
  standing,
  stateOf,
} from "./answers.ts";
import { Approvals } from "./approvals.tsx";
import { WholeFleet } from "./whole-fleet.tsx";

/** Who is held and why, what waits for a person's word, and what concerns all agents at once. */
export function Fleet() {
  const loaded = useServer<FleetStatus>("/api/fleet", ({ topic }) => topic === "fleet" || topic === "incident");
  const [said, setSaid] = useState<string | null>(null);
  const done = (sentence: string) => {
    setSaid(sentence);
    loaded.reload();
  };
  return (
    <Page title="Fleet">
      <div role="status">{said && <Notice tone="ok">{said}</Notice>}</div>
      <Loaded loaded={loaded}>
        {(fleet) => (
          <>
            {fleet.mode === "observe" && (
              <Notice tone="warn">
                <p>
                  <strong>Observe only.</strong> Everything is decided and recorded, and nothing is done to any agent.
                </p>
              </Notice>
            )}
            <Approvals approvals={fleet.approvals} onDone={done} />
            <Agents agents={fleet.agents} onDone={done} />
            <WholeFleet fleet={fleet} onDone={done} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Agents({ agents, onDone }: { agents: readonly FleetAgent[]; onDone(said: string): void }) {
  const { query } = useStore(place);
  const search = query.get("q") ?? "";
  const state = agentStates.find((one) => one === query.get("state")) ?? "all";
  const sort = sorts.find((one) => one === query.get("sort")) ?? "trouble";
  if (agents.length === 0)
    return (
      <Card title="Agents">
        <Empty title="No agent is known yet.">
          <p>
            Name yours under <code>fleet.agents</code> in the settings file; whoever a webhook tells of is shown here
            too once there is an incident.
          </p>
        </Empty>
      </Card>
    );
  const found = shown(agents, search, state, sort);
  const count = (one: AgentState) => agents.filter((agent) => stateOf(agent) === one).length;
  return (
    <Card title="Agents" aside={`${count("held")} held, ${count("free")} free of ${agents.length}`}>
      <div class="filters">
        <Field
          label="Search"
          placeholder="Agent, wallet, incident"
          name="q"
          kind="search"
          value={search}
          onInput={(q) => setQuery({ q: q || null })}
        />
        <Choice<AgentState | "all">
          label="Show"
          value={state}
          onChange={(one) => setQuery({ state: one === "all" ? null : one })}
          options={[
            { value: "all", label: `All agents (${agents.length})` },
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
            { value: "name", label: "Name" },
            { value: "wallet", label: "Wallet" },
          ]}
        />
      </div>
      {found.length === 0 ? (
        <Empty title="No agent fits.">
          <p>Search for less, or show all.</p>
        </Empty>
      ) : (
        <ul class="rows">
          {found.map((agent) => (
            <AgentRow key={agent.agentId} agent={agent} onDone={onDone} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function AgentRow({ agent, onDone }: { agent: FleetAgent; onDone(said: string): void }) {
  const { agentId, wallet, incident } = agent;
  const { tone, text } = standing(agent);
  return (
    <li class="row">
      <div class="row-main">
        <strong>{agentId}</strong>
        {wallet && <span class="muted small">pays from {wallet}</span>}
      </div>
      <div class="row-why">
        {incident && (
          <Link href={`/incidents/${incident.id}`}>
            {incident.priority} {spoken(incident.runbook)}
          </Link>
        )}
        {incident?.cascadeId && (
          <Link href={`/cascades/${incident.cascadeId}`} class="small">
            part of a cascade
          </Link>
        )}
        {incident === null && <Contain agentId={agentId} onDone={onDone} />}
      </div>
      <Badge tone={tone}>{text}</Badge>
    </li>
  );
}

/** Whoever sees trouble before any rule does. */
function Contain({ agentId, onDone }: { agentId: string; onDone(said: string): void }) {
  return (
    <Order
      label="Contain"
      kind="danger"
      title={`Freeze ${agentId} now?`}
      path={`/api/agents/${encodeURIComponent(agentId)}/contain`}
      needs="responder"
      onDone={() => onDone(`${agentId} is being frozen: its incident is there in a moment.`)}
    >
      <p>
        Its budget goes to zero and its open escrows are cancelled, also where this product only observes. An incident
        is opened, from which you recover it or stand it down.
      </p>
    </Order>
  );
}
