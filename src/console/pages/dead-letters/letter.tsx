import { useState } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Fact } from "../../parts/fact.tsx";
import { Link } from "../../parts/link.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import type { Params } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { counted, spoken } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { type DeadLetterHistory, outcomes, pathOf } from "./answers.ts";
import { type Asked, Replay, ReplayButton } from "./replay.tsx";

/** One job that failed for good: what it was to do, what it died of, and every replay of it. */
export function DeadLetterPage({ params }: { params: Params }) {
  const { queue = "", id = "" } = params;
  const loaded = useServer<DeadLetterHistory>(
    `/api/dead-letters/${pathOf({ queue, id })}`,
    ({ topic }) => topic === "dead-letters",
  );
  const [replay, setReplay] = useState<Asked | null>(null);
  return (
    <Page title="Dead letter" up={{ href: "/dead-letters", label: "Dead letters" }}>
      <Replay
        asked={replay}
        onClose={(isDone) => {
          setReplay(null);
          if (isDone) loaded.reload();
        }}
      />
      <Loaded loaded={loaded}>
        {(letter) => (
          <>
            <Cause letter={letter} onReplay={setReplay} />
            <Facts letter={letter} />
            <Replays letter={letter} />
            <Traces letter={letter} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Cause({ letter, onReplay }: { letter: DeadLetterHistory; onReplay(asked: Asked): void }) {
  const { cause, state, attempts, queue, id } = letter;
  return (
    <Card title={cause ? "What it died of" : "It is no dead letter"} aside={<Badge>{queue}</Badge>}>
      {cause ? (
        <Notice tone="danger">
          <p>{cause.message}</p>
          <p class="muted small">
            {cause.code}, after {counted(attempts, "try", "tries")}
          </p>
        </Notice>
      ) : (
        <p>It is {state} now.</p>
      )}
      <div class="buttons">
        <ReplayButton
          label="Replay"
          disabledBecause={cause ? null : "It is no dead letter any more."}
          onClick={() => onReplay({ label: "Replay", targets: [{ queue, id }] })}
        />
      </div>
    </Card>
  );
}

function Facts({ letter }: { letter: DeadLetterHistory }) {
  const { id, kind, agentId, incidentId, eventId, eventType, addedAt, failedAt } = letter;
  return (
    <Card title="What it was to do">
      <dl class="facts">
        <Fact name="Work">{spoken(kind)}</Fact>
        {agentId && <Fact name="Agent">{agentId}</Fact>}
        {incidentId && (
          <Fact name="Incident">
            <Link href={`/incidents/${incidentId}`}>{incidentId}</Link>
          </Fact>
        )}
        {eventId && (
          <Fact name="Event">
            {eventType ? `${spoken(eventType)}, ` : ""}
            <code>{eventId}</code>
          </Fact>
        )}
        <Fact name="Added">
          <When at={at(addedAt)} />
        </Fact>
        {failedAt && (
          <Fact name="Failed for good">
            <When at={at(failedAt)} />
          </Fact>
        )}
        <Fact name="Job">
          <code>{id}</code>
        </Fact>
      </dl>
    </Card>
  );
}

function Replays({ letter: { replays } }: { letter: DeadLetterHistory }) {
  if (replays.length === 0) return null;
  return (
    <Card title="Replays" aside={String(replays.length)}>
      <ul class="rows">
        {[...replays].reverse().map((replay) => (
          <li key={replay.number} class="row-plain">
            <p>
              <strong>{replay.by}</strong> <When at={at(replay.at)} />: {outcomes[replay.outcome]}
            </p>
            <p>{replay.reason}</p>
            <p class="muted small">It had died of: {replay.cause.message}</p>
            {replay.endCause && <p class="muted small">It died again of: {replay.endCause.message}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Traces({ letter: { logs, stacks, data } }: { letter: DeadLetterHistory }) {
  return (
    <Card title="For whoever mends it">
      <Trace title="Each try" text={logs.join("\n")} />
      <Trace title="Where it broke" text={stacks.join("\n\n")} />
      <Trace title="What the job holds" text={JSON.stringify(data, null, 2)} />
    </Card>
  );
}

function Trace({ title, text }: { title: string; text: string }) {
  if (text === "") return null;
  return (
    <details class="more">
      <summary>{title}</summary>
      <pre>{text}</pre>
    </details>
  );
}
