import { useState } from "preact/hooks";
import type { z } from "zod";
import type { auditedChangeShape } from "../../http/api/shapes/audit.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { Card } from "../parts/card.tsx";
import { Field } from "../parts/field.tsx";
import { Link } from "../parts/link.tsx";
import { Empty, ProblemNotice } from "../parts/notice.tsx";
import { Loaded, Page } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { type Problem, problemIn, request } from "../server/request.ts";
import { useServer } from "../server/use-server.ts";
import { at } from "../words/time.ts";

/** GET /api/audit, as far as it is shown. Times as ISO 8601. */
type Change = z.output<typeof auditedChangeShape>;
interface Changes {
  changes: readonly Change[];
  next: string | null;
}

const results: Readonly<Record<string, { tone: Tone; text: string }>> = {
  ok: { tone: "ok", text: "Done" },
  refused: { tone: "quiet", text: "Refused" },
  failed: { tone: "danger", text: "Failed" },
};
const ways = { api: "over the API", console: "in the console", cli: "on the command line" };

/** Who changed what, newest first: every change, whichever way it was made. */
export function Audit() {
  const loaded = useServer<Changes>("/api/audit?limit=50", ({ topic }) => topic === "audit");
  return (
    <Page
      title="Audit trail"
      actions={
        <a class="button" href="/api/audit/export" download="audit-trail.json">
          Download, signed
        </a>
      }
    >
      <Loaded loaded={loaded}>
        {(first) =>
          first.changes.length === 0 ? (
            <Empty title="Nothing was changed by anybody yet.">
              <p>Every change stands here with who made it, through console, API or command line.</p>
            </Empty>
          ) : (
            <Trail first={first} />
          )
        }
      </Loaded>
    </Page>
  );
}

/** Older pages are added below; the first one follows what happens. */
function Trail({ first }: { first: Changes }) {
  const [older, setOlder] = useState<Changes>({ changes: [], next: null });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [search, setSearch] = useState("");
  const next = older.changes.length > 0 ? older.next : first.next;
  const oldest = first.changes.at(-1)?.number ?? 0;
  const all = [...first.changes, ...older.changes.filter(({ number }) => number < oldest)];
  const part = search.trim().toLowerCase();
  const found = all.filter(({ by, action, target }) =>
    `${by} ${spelled(action)} ${target}`.toLowerCase().includes(part),
  );

  function more(): void {
    setProblem(null);
    request<Changes>(`/api/audit?limit=50&after=${next}`).then(
      (page) => setOlder({ changes: [...older.changes, ...page.changes], next: page.next }),
      (error) => setProblem(problemIn(error)),
    );
  }
  return (
    <Card title="Changes" aside={`${found.length} shown`}>
      <div class="filters">
        <Field
          label="Search in these"
          placeholder="Who, what or where"
          name="q"
          kind="search"
          value={search}
          onInput={setSearch}
        />
      </div>
      <ul class="rows">
        {found.map((change) => (
          <Row key={change.number} change={change} />
        ))}
      </ul>
      <ProblemNotice problem={problem} />
      {next !== null && (
        <div class="buttons">
          <Button onClick={more}>Older ones</Button>
        </div>
      )}
    </Card>
  );
}

function Row({ change }: { change: Change }) {
  const { number, by, role, via, action, target, outcome, credential, fields } = change;
  const said = outcome === null ? { tone: "warn" as const, text: "Under way" } : results[outcome.result]!;
  return (
    <li class="row-plain">
      <p class="row-head">
        <Badge tone={said.tone}>{said.text}</Badge>
        <strong>{spelled(action)}</strong>
        {target !== "" && <Target target={target} />}
        <span class="muted small">
          <When at={at(change.at)} />
        </span>
      </p>
      <p class="small">
        {by ?? "Nobody by name"} ({role}) {ways[via]}
        {outcome && outcome.result !== "ok" && `: ${outcome.detail}`}
      </p>
      <details class="more">
        <summary>What was ordered</summary>
        <p class="muted small">
          Entry {number}, proved by {credential}
        </p>
        <pre>{JSON.stringify(fields, null, 2)}</pre>
      </details>
    </li>
  );
}

function Target({ target }: { target: string }) {
  if (target.startsWith("inc-")) return <Link href={`/incidents/${target}`}>{target}</Link>;
  if (target.startsWith("cas-")) return <Link href={`/cascades/${target}`}>{target}</Link>;
  return <span>{target}</span>;
}

/** "recoverIncident" as "Recover incident". */
function spelled(action: string): string {
  const words = action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
