import type { z } from "zod";
import type { silenceShape } from "../../../http/api/shapes/silence.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Order } from "../../parts/order.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { useServer } from "../../server/use-server.ts";
import { counted, spoken } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { AddSilence } from "./add.tsx";

/** GET /api/silences, as far as it is shown. Times as ISO 8601; from: null for one of the settings file without a beginning. */
type Silence = z.output<typeof silenceShape>;

const states = { coming: "To come", active: "In force", expired: "Over" } as const;

/** What holds back alerts, until when, who answers for it, and how much it held back. */
export function Silences() {
  const loaded = useServer<{ silences: Silence[] }>("/api/silences", ({ topic }) => topic === "fleet");
  return (
    <Page title="Silences" actions={<AddSilence onDone={loaded.reload} />}>
      <Loaded loaded={loaded}>
        {({ silences }) =>
          silences.length === 0 ? (
            <Empty title="Nothing is silenced.">
              <p>
                Before planned work, such as a load test, add one for as long as it takes: alerts wait until it is over.
              </p>
            </Empty>
          ) : (
            <Card title={counted(silences.length, "silence")}>
              <ul class="rows">
                {silences.map((silence) => (
                  <Row key={silence.id} silence={silence} onDone={loaded.reload} />
                ))}
              </ul>
            </Card>
          )
        }
      </Loaded>
    </Page>
  );
}

function Row({ silence, onDone }: { silence: Silence; onDone(): void }) {
  const { id, owner, reason, state, from, until, holdsContainment, heldBack } = silence;
  return (
    <li class="row-plain">
      <p class="row-head">
        <Badge tone={state === "active" ? "warn" : "quiet"}>{states[state]}</Badge>
        <strong>{scope(silence)}</strong>
        {holdsContainment && <Badge tone="danger">Also holds back containment</Badge>}
      </p>
      <p>{reason}</p>
      <p class="muted small">
        Owned by {owner}.{" "}
        {state === "coming" && from && (
          <>
            Begins <When at={at(from)} />,{" "}
          </>
        )}
        {state === "expired" ? "Ended" : state === "coming" && from ? "ends" : "Ends"} <When at={at(until)} />;{" "}
        {counted(heldBack, "signal")} held back.
      </p>
      {state !== "expired" && (
        <div class="buttons">
          <Order
            label="End it now"
            title="End this silence?"
            method="DELETE"
            path={`/api/silences/${encodeURIComponent(id)}`}
            needs="responder"
            asksWhy={false}
            told="The silence is over: alerts go out again."
            onDone={onDone}
          >
            <p>From then on alerts go out again: {scope(silence)}.</p>
          </Order>
        </div>
      )}
    </li>
  );
}

const scope = ({ agent, signal }: Silence): string =>
  `${signal === null ? "every signal" : spoken(signal)} of ${agent ?? "every agent"}`;
