import { Card } from "../../parts/card.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Order } from "../../parts/order.tsx";
import { When } from "../../parts/when.tsx";
import { counted, listed } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { beingFrozen, type FleetStatus, type Resumed, type ShutDown } from "./answers.ts";

interface Props {
  fleet: FleetStatus;
  onDone(): void;
}

/** Freezing everybody, and taking that back. */
export function WholeFleet({ fleet, onDone }: Props) {
  const { shutdown, automaticFreezes } = fleet;
  return (
    <Card title="The whole fleet">
      {shutdown ? (
        <>
          <p>
            <strong>Shut down</strong> by {shutdown.by} <When at={at(shutdown.at)} />:{" "}
            {counted(shutdown.agents, "agent")}. {shutdown.reason}
          </p>
          {shutdown.notReached.length > 0 && (
            <Notice tone="danger">
              <p>
                It does not hold {listed(shutdown.notReached, 20)}: no settings name{" "}
                {shutdown.notReached.length === 1 ? "it" : "them"}. “Contain” above freezes one.
              </p>
            </Notice>
          )}
          <Resume shutdown={shutdown} onDone={onDone} />
        </>
      ) : (
        <>
          <p class="muted">
            Automation froze {automaticFreezes.lastHour} of the {counted(automaticFreezes.limit, "agent")} it may freeze
            within an hour without asking.
          </p>
          <Shutdown fleet={fleet} onDone={onDone} />
        </>
      )}
    </Card>
  );
}

function Shutdown({ fleet, onDone }: Props) {
  const count = fleet.agents.length;
  return (
    <div class="buttons">
      <Order<ShutDown>
        label="Shut down the fleet"
        kind="danger"
        title="Freeze every agent?"
        path="/api/fleet/shutdown"
        needs="responder"
        word="shut down"
        disabledBecause={
          count === 0 ? "It would reach nobody: the settings name no agent, and none is in trouble." : null
        }
        told={(answer) => `The fleet is shut down: ${beingFrozen(answer)}`}
        onDone={onDone}
      >
        <p>
          The budgets of {counted(count, "agent")} go to zero; open escrows stay as they are. Their caps are kept, and
          “Resume” gives them back to whoever has no trouble of its own.
        </p>
      </Order>
    </div>
  );
}

function Resume({ shutdown, onDone }: { shutdown: NonNullable<FleetStatus["shutdown"]>; onDone(): void }) {
  return (
    <div class="buttons">
      <Order<Resumed>
        label="Resume the fleet"
        kind="primary"
        title="Take the shutdown back?"
        path="/api/fleet/resume"
        needs="responder"
        word="resume"
        told={({ released, left }) =>
          `${counted(released.length, "agent")} released.${left.length === 0 ? "" : ` Left as they are: ${left.map(({ agentId, why }) => `${agentId} (${why})`).join("; ")}.`}`
        }
        onDone={onDone}
      >
        <p>
          Of {counted(shutdown.agents, "agent")} those that the shutdown alone froze get their caps from before. Who has
          trouble of its own stays frozen.
        </p>
      </Order>
    </div>
  );
}
