import type { ComponentChildren } from "preact";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Money } from "../../parts/money.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import type { Params } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { withoutCommands } from "../../words/commands.ts";
import { at, lasting } from "../../words/time.ts";
import type { PostMortem as Document } from "./answers.ts";

/** The post-mortem as a page: the same document that the files hold, to read on a phone. */
export function PostMortem({ params: { id = "" } }: { params: Params }) {
  const path = `/api/incidents/${encodeURIComponent(id)}/post-mortem`;
  const loaded = useServer<Document>(`${path}?format=json`, (event) => event.topic === "incident" && event.id === id);
  return (
    <Page
      title={loaded.data?.title ?? "Post-mortem"}
      tab="Post-mortem"
      up={{ href: `/incidents/${id}`, label: id }}
      actions={
        <p class="page-buttons">
          <a class="button" href={`${path}?format=md`} download="">
            <Icon name="download" /> Markdown
          </a>
          <a class="button" href={`${path}?format=json`} download="">
            <Icon name="download" /> JSON
          </a>
        </p>
      }
    >
      <Loaded loaded={loaded}>{(document) => <Whole document={document} />}</Loaded>
    </Page>
  );
}

function Whole({ document }: { document: Document }) {
  const { isDraft, summary, impact, timeline, actionItems, effectiveness, affected, changes } = document;
  return (
    <article class="post-mortem">
      {isDraft && (
        <Notice tone="warn">
          <p>A draft: the incident is still open, and this is how it looks now.</p>
        </Notice>
      )}
      <Card title="What happened" aside={<Badge>{document.priority}</Badge>}>
        <Lines of={summary.happened} />
      </Card>
      <Card title="What it cost">
        <Lines of={[...summary.cost, ...summary.prevented]} />
        <dl class="facts figures">
          {(["locked", "recovered", "lost", "stillHeld", "spent", "fees", "prevented"] as const).map((name) => (
            <div key={name}>
              <dt>{figures[name]}</dt>
              <dd>
                <Money amount={impact[name].amount} />
              </dd>
              <dd class="muted small">{impact[name].why}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <RootCause rootCause={document.rootCause} />
      <Card title="How fast">
        <dl class="facts">
          {(["detect", "contain", "recover", "total"] as const).map((name) => (
            <div key={name}>
              <dt>{durations[name]}</dt>
              <dd>
                {timeline.durations[name].ms !== null && <strong>{lasting(timeline.durations[name].ms)} </strong>}
                <span class="muted small">{timeline.durations[name].why}</span>
              </dd>
            </div>
          ))}
        </dl>
        <Lines of={[...effectiveness.detection.text, ...effectiveness.containment.text]} />
      </Card>
      <Card title="Whom it touched">
        <List of={[...affected.systems, ...affected.agents.map((agent) => `Agent ${agent}`), ...affected.data]} />
      </Card>
      <Card title="What is left to do">
        <ol class="todo">
          {actionItems.map(({ what, owner, due }) => (
            <li key={what}>
              <p>{withoutCommands(what)}</p>
              <p class="muted small">
                {owner}, due <When at={at(due)} />
              </p>
            </li>
          ))}
        </ol>
      </Card>
      {changes.length > 0 && (
        <Card title="What is different from now on">
          <List of={changes} />
        </Card>
      )}
    </article>
  );
}

const figures = {
  ...{ locked: "Locked", recovered: "Recovered", lost: "Lost", stillHeld: "Still held" },
  ...{ spent: "Spent otherwise", fees: "Of it fees", prevented: "Prevented" },
};
const durations = { detect: "To detection", contain: "To containment", recover: "To recovery", total: "In all" };

function RootCause({ rootCause: { said, falseAlarm, seen, decidedBy, cascade } }: Pick<Document, "rootCause">) {
  return (
    <Card title="Why">
      {said && (
        <p>
          <strong>{said.by}:</strong> {said.rootCause} <span class="muted">Mended:</span> {said.fix}
        </p>
      )}
      {falseAlarm && (
        <p>
          <strong>{falseAlarm.by}</strong> called it a false alarm: {falseAlarm.reason}
        </p>
      )}
      <List of={[...new Set(seen.map(({ sentence, rule }) => `${sentence} (rule ${rule})`))]} />
      {cascade && (
        <p>
          The cascade began with <strong>{cascade.rootCause}</strong>: {cascade.why}.
        </p>
      )}
      <p class="muted small">Decided by {decidedBy}.</p>
    </Card>
  );
}

/** Sentences that belong together. */
function Lines({ of }: { of: readonly string[] }) {
  return <p>{of.map(withoutCommands).join(" ")}</p>;
}

function List({ of }: { of: readonly ComponentChildren[] }) {
  return (
    <div class="prose">
      <ul>
        {of.map((line) => (
          <li key={String(line)}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
