import { Badge } from "../../parts/badge.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Order } from "../../parts/order.tsx";
import { capName, type FleetAgent, standing } from "./answers.ts";

/** One agent: who it is and why it stands as it does, what it spends, and a hand on it. */
export function AgentRow({ agent, onDone }: { agent: FleetAgent; onDone(): void }) {
  const { agentId, wallet, incident, why, breaker } = agent;
  const { tone, text } = standing(agent);
  return (
    <li class="agent-row">
      <div class="agent-name">
        <strong>{agentId}</strong>
        {wallet && <span class="muted small">pays from {wallet}</span>}
      </div>
      {incident && (
        <p class="agent-why small">
          {why && `${withoutName(why, agentId)}. `}
          <Link href={`/incidents/${incident.id}`}>The incident, {incident.priority}</Link>
        </p>
      )}
      <Spending agent={agent} />
      <div class="agent-end">
        <Badge tone={tone}>{text}</Badge>
        {breaker !== "closed" && <Badge tone="warn">breaker {breaker}</Badge>}
        {incident === null && <Contain agentId={agentId} onDone={onDone} />}
      </div>
    </li>
  );
}

/** It stands above it in bold already. */
function withoutName(sentence: string, agentId: string): string {
  const rest = sentence.startsWith(`${agentId} `) ? sentence.slice(agentId.length + 1) : sentence;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function Spending({ agent: { state, spent, usualPerMinute, caps } }: { agent: FleetAgent }) {
  return (
    <div class="agent-spends small">
      <span>
        <Money amount={spent.lastHour} /> in the last hour
      </span>
      <span class="muted">
        <Money amount={spent.lastDay} /> in a day{!spent.isWhole && ", or more"}
      </span>
      {caps?.daily != null && (
        <span class="muted">
          {capName(state)}: <Money amount={caps.daily} /> a day, against which the gateway counts fees only
        </span>
      )}
      {usualPerMinute !== null && (
        <span class="muted">
          usually <Money amount={usualPerMinute} /> a minute
        </span>
      )}
    </div>
  );
}

/** Whoever sees trouble before any rule does. */
function Contain({ agentId, onDone }: { agentId: string; onDone(): void }) {
  return (
    <Order
      label="Contain"
      kind="danger"
      title={`Freeze ${agentId} now?`}
      path={`/api/agents/${encodeURIComponent(agentId)}/contain`}
      needs="responder"
      told={`${agentId} is being frozen: its incident is there in a moment.`}
      onDone={onDone}
    >
      <p>
        Its budget goes to zero and its open escrows are cancelled, also where this product only observes. An incident
        is opened, from which you recover it or stand it down.
      </p>
    </Order>
  );
}
