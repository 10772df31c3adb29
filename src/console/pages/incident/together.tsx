import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Link } from "../../parts/link.tsx";
import { useServer } from "../../server/use-server.ts";
import { counted } from "../../words/names.ts";
import { type Cascade, memberState } from "../cascades/answers.ts";

/** The cascade that it belongs to: where it began, and in which order its agents come back. */
export function Together({ cascadeId, incidentId }: { cascadeId: string; incidentId: string }) {
  const { data } = useServer<Cascade>(`/api/cascades/${cascadeId}`, ({ topic }) => topic === "incident");
  if (data === undefined) return null;
  const { members, rootCause, recoveryOrder } = data;
  return (
    <Card title={<Link href={`/cascades/${cascadeId}`}>Cascade of {counted(members.length, "agent")}</Link>}>
      <p>
        It began with <strong>{rootCause.agentId}</strong>: {rootCause.why}.
      </p>
      <h3 class="order-title">They recover in this order</h3>
      <ol class="order">
        {recoveryOrder.map(({ agentId }) => {
          const member = members.find((one) => one.agentId === agentId);
          const isThis = member?.incidentId === incidentId;
          return (
            <li key={agentId} aria-current={isThis ? "true" : undefined}>
              {member?.incidentId && !isThis ? (
                <Link href={`/incidents/${member.incidentId}`}>{agentId}</Link>
              ) : (
                <strong>{agentId}</strong>
              )}
              {member && <Badge tone={memberState(member).tone}>{memberState(member).text}</Badge>}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
