import { Card } from "../../parts/card.tsx";
import { Order } from "../../parts/order.tsx";
import { When } from "../../parts/when.tsx";
import { counted, listed } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { type Approval, beingFrozen, type ShutDown } from "./answers.ts";

/** What automation may not decide alone: a person says yes or no. */
export function Approvals({ approvals, onDone }: { approvals: readonly Approval[]; onDone(): void }) {
  if (approvals.length === 0) return null;
  return (
    <Card title="Waits for your word" class="asks">
      <ul class="rows">
        {approvals.map((approval) => (
          <li key={approval.id} class="ask">
            <p>{approval.what}</p>
            <p class="muted small">
              Asked <When at={at(approval.askedAt)} />
              {approval.agents.length > 0 && `, about ${listed(approval.agents)}`}
            </p>
            <Answer approval={approval} onDone={onDone} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Answer({ approval, onDone }: { approval: Approval; onDone(): void }) {
  const { id, kind, agents, what } = approval;
  const isShutdown = kind === "shutdown";
  const isOfShutdown = isShutdown || id.startsWith("freezes-shutdown-");
  const frozen = isShutdown ? "the whole fleet" : counted(agents.length, "agent");
  return (
    <div class="buttons">
      <Order<Pick<ShutDown, "agents" | "notReached">>
        label="Approve"
        kind="primary"
        title={`Freeze ${frozen}?`}
        path="/api/fleet/approve"
        body={{ id }}
        needs="responder"
        {...(isShutdown && { word: "shut down" })}
        told={(answer) => `Approved: ${beingFrozen(answer)}`}
        onDone={onDone}
      >
        <p>{what}</p>
        <p>
          {isShutdown ? "Every agent's" : "Their"} budget is set to zero
          {isOfShutdown ? "; open escrows stay as they are" : " and what can be cancelled is cancelled"}. The caps from
          before are kept.
        </p>
      </Order>
      <Order
        label="Decline"
        title="Leave it as it is?"
        path="/api/fleet/decline"
        body={{ id }}
        needs="responder"
        told="Declined: nothing more is done about it."
        onDone={onDone}
      >
        <p>{what}</p>
        <p>Nobody is frozen by this question. A new signal asks anew.</p>
      </Order>
    </div>
  );
}
