import type { z } from "zod";
import type { tuningShape } from "../../http/api/shapes/tuning.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Card } from "../parts/card.tsx";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { Order } from "../parts/order.tsx";
import { Loaded, Page } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { useServer } from "../server/use-server.ts";
import { at } from "../words/time.ts";

/** GET /api/tunings, as far as it is shown. Times as ISO 8601. */
type Tuning = z.output<typeof tuningShape>;

const states: Readonly<Record<Tuning["state"], { tone: Tone; text: string }>> = {
  open: { tone: "warn", text: "Waits for an admin" },
  approved: { tone: "ok", text: "In force" },
  rejected: { tone: "quiet", text: "Rejected" },
  superseded: { tone: "quiet", text: "Another took its place" },
  withdrawn: { tone: "quiet", text: "Withdrawn" },
  overruled: { tone: "quiet", text: "The settings file says otherwise" },
};

/** What incidents taught about thresholds, and what an admin makes of it. */
export function Tunings() {
  const loaded = useServer<{ tunings: Tuning[] }>("/api/tunings?limit=200", ({ topic }) => topic === "tunings");
  return (
    <Page title="Tunings">
      <Loaded loaded={loaded}>
        {({ tunings }) =>
          tunings.length === 0 ? (
            <Empty title="No incident taught anything yet.">
              <p>A containment that came too late proposes a tighter threshold, a false alarm a looser one.</p>
            </Empty>
          ) : (
            <>
              <Part
                title="To decide"
                tunings={tunings.filter(({ state }) => state === "open")}
                onDone={loaded.reload}
              />
              <Part
                title="In force"
                tunings={tunings.filter(({ state }) => state === "approved")}
                onDone={loaded.reload}
              />
              <Part
                title="Before"
                tunings={tunings.filter(({ state }) => state !== "open" && state !== "approved")}
                onDone={loaded.reload}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Part({ title, tunings, onDone }: { title: string; tunings: readonly Tuning[]; onDone(): void }) {
  if (tunings.length === 0) return null;
  return (
    <Card title={title} aside={String(tunings.length)}>
      <ul class="rows">
        {tunings.map((tuning) => (
          <Row key={tuning.id} tuning={tuning} onDone={onDone} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ tuning, onDone }: { tuning: Tuning; onDone(): void }) {
  const { agentId, path, direction, from, to, reason, incidentId, madeAt, state, decidedBy, decidedAt } = tuning;
  return (
    <li class="row-plain">
      <p class="row-head">
        <Badge tone={states[state].tone}>{states[state].text}</Badge>
        <strong>
          {agentId}: {path} {from} → {to}
        </strong>
        <span class="muted small">{direction}</span>
      </p>
      <p>{reason}</p>
      <p class="muted small">
        <Link href={`/incidents/${incidentId}`}>The incident</Link> taught it
        {madeAt && (
          <>
            {" "}
            <When at={at(madeAt)} />
          </>
        )}
        .
        {decidedBy && (
          <>
            {" "}
            {decidedBy} decided {decidedAt && <When at={at(decidedAt)} />}
            {tuning.decidedBecause && `: ${tuning.decidedBecause}`}
          </>
        )}
      </p>
      <Decisions tuning={tuning} onDone={onDone} />
    </li>
  );
}

function Decisions({ tuning, onDone }: { tuning: Tuning; onDone(): void }) {
  const { id, agentId, path, from, to, fileValue, state } = tuning;
  const address = `/api/tunings/${encodeURIComponent(id)}`;
  const shared = { needs: "admin", onDone } as const;
  if (state === "open")
    return (
      <div class="buttons">
        <Order
          label="Approve"
          kind="primary"
          title="Put it in force?"
          path={`${address}/approve`}
          told={`In force: for ${agentId}, ${path} is ${to}.`}
          {...shared}
        >
          <p>
            For {agentId}, {path} is {to} from then on, in place of {from}. A backtest shows what it would have done:{" "}
            <code>npx tourniquet backtest</code>
          </p>
        </Order>
        <Order
          label="Reject"
          title="Leave the threshold as it is?"
          path={`${address}/reject`}
          told={`Rejected: for ${agentId}, ${path} stays ${from}.`}
          {...shared}
        >
          <p>
            For {agentId}, {path} stays {from}.
          </p>
        </Order>
      </div>
    );
  if (state !== "approved") return null;
  return (
    <div class="buttons">
      <Order
        label="Withdraw"
        title="Take it back?"
        path={`${address}/withdraw`}
        told={`Withdrawn: for ${agentId}, ${path} is ${fileValue} again.`}
        {...shared}
      >
        <p>
          For {agentId}, {path} is {fileValue} again, as the settings file says.
        </p>
      </Order>
    </div>
  );
}
