import { useState } from "preact/hooks";
import { Card } from "../../parts/card.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { Link } from "../../parts/link.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { counted, spoken } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { type DeadLetter, type DeadLetterPage, type Filter, pathOf, queues } from "./answers.ts";
import { type Asked, Replay, ReplayButton } from "./replay.tsx";

const ages = { any: null, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
type Age = keyof typeof ages;

/** Jobs that failed for good: what they died of, and their replay. */
export function DeadLetters() {
  const { query } = useStore(place);
  const filter = filterOf(query);
  const isFiltered = Object.keys(filter).length > 0;
  const after = query.get("after");
  const asked = new URLSearchParams({ ...filter, ...(after && { after }) }).toString();
  const loaded = useServer<DeadLetterPage>(
    `/api/dead-letters${asked === "" ? "" : `?${asked}`}`,
    ({ topic }) => topic === "dead-letters",
  );
  const [replay, setReplay] = useState<Asked | null>(null);
  return (
    <Page title="Dead letters">
      <Filters query={query} />
      <Replay
        asked={replay}
        onClose={(isDone) => {
          setReplay(null);
          if (isDone) loaded.reload();
        }}
      />
      <Loaded loaded={loaded}>
        {({ deadLetters, next }) =>
          deadLetters.length === 0 && next === null ? (
            <Empty title={isFiltered ? "No dead letter fits." : "No job has failed for good."}>
              <p>
                {isFiltered
                  ? "Ask for less, or for a longer time."
                  : "What fails is tried again; what keeps failing ends here, with its cause."}
              </p>
            </Empty>
          ) : (
            <Letters key={asked} letters={deadLetters} next={next} filter={filter} onReplay={setReplay} />
          )
        }
      </Loaded>
    </Page>
  );
}

/** since is cut to the minute, so that the address of the list stays the same while it is looked at. */
function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of ["queue", "agent", "type"] as const) {
    const value = query.get(name)?.trim();
    if (value) filter[name] = value;
  }
  const ageMs = ages[(query.get("age") ?? "any") as Age] ?? null;
  if (ageMs !== null) filter.since = new Date(Math.floor((Date.now() - ageMs) / 60_000) * 60_000).toISOString();
  return filter;
}

function Filters({ query }: { query: URLSearchParams }) {
  const set = (name: string, value: string, none = "") =>
    setQuery({ [name]: value === none ? null : value, after: null });
  return (
    <div class="filters">
      <Choice
        label="Queue"
        value={query.get("queue") ?? "all"}
        onChange={(queue) => set("queue", queue, "all")}
        options={[{ value: "all", label: "Every queue" }, ...queues.map((name) => ({ value: name, label: name }))]}
      />
      <Choice<Age>
        label="Died"
        value={(query.get("age") ?? "any") as Age}
        onChange={(age) => set("age", age, "any")}
        options={[
          { value: "any", label: "At any time" },
          { value: "hour", label: "In the last hour" },
          { value: "day", label: "In the last day" },
          { value: "week", label: "In the last week" },
        ]}
      />
      <Field
        label="Agent"
        placeholder="Agent"
        name="agent"
        kind="search"
        value={query.get("agent") ?? ""}
        onInput={(agent) => set("agent", agent)}
      />
      <Field
        label="Type of event, or kind of job"
        placeholder="Type or kind"
        name="type"
        kind="search"
        value={query.get("type") ?? ""}
        onInput={(type) => set("type", type)}
      />
    </div>
  );
}

interface LettersProps {
  letters: readonly DeadLetter[];
  next: string | null;
  filter: Filter;
  onReplay(asked: Asked): void;
}

function Letters({ letters, next, filter, onReplay }: LettersProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const picked = letters.filter((letter) => chosen.has(pathOf(letter)));
  const choose = (paths: readonly string[], isChosen: boolean) => {
    const rest = [...chosen].filter((path) => !paths.includes(path));
    setChosen(new Set(isChosen ? [...rest, ...paths] : rest));
  };
  const targets =
    picked.length > 0
      ? picked.map(({ queue, id }) => ({ queue, id }))
      : Object.keys(filter).length > 0
        ? [{ ...filter }]
        : letters.map(({ queue, id }) => ({ queue, id }));
  const label = picked.length > 0 ? `Replay ${counted(picked.length, "job")}` : "Replay all of these";
  return (
    <Card
      title={next === null ? counted(letters.length, "job") : `${counted(letters.length, "job")}, and older ones`}
      aside={picked.length > 0 ? `${picked.length} chosen` : undefined}
    >
      <label class="check">
        <input
          type="checkbox"
          checked={picked.length === letters.length && letters.length > 0}
          onChange={(event) => choose(letters.map(pathOf), event.currentTarget.checked)}
        />
        <span>Choose all that are shown</span>
      </label>
      <ul class="rows">
        {letters.map((letter) => (
          <Row
            key={pathOf(letter)}
            letter={letter}
            isChosen={chosen.has(pathOf(letter))}
            onChoose={(isChosen) => choose([pathOf(letter)], isChosen)}
          />
        ))}
      </ul>
      <div class={picked.length > 0 ? "buttons chosen" : "buttons"}>
        <ReplayButton label={label} onClick={() => onReplay({ label, targets })} />
        {next !== null && <Link href={`/dead-letters?${olderQuery(next)}`}>Older ones</Link>}
      </div>
    </Card>
  );
}

function olderQuery(next: string): string {
  const query = new URLSearchParams(location.search);
  query.set("after", next);
  return query.toString();
}

function Row({ letter, isChosen, onChoose }: { letter: DeadLetter; isChosen: boolean; onChoose(is: boolean): void }) {
  const { queue, kind, agentId, eventType, cause, failedAt, attempts, replays } = letter;
  const what = `${spoken(kind)}${agentId ? ` for ${agentId}` : ""}`;
  return (
    <li class="row">
      <label class="check">
        <input type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
        <span class="hidden">Choose {what}</span>
      </label>
      <div class="row-main">
        <Link href={`/dead-letters/${pathOf(letter)}`}>{what}</Link>
        <span class="small">{cause?.message ?? "It is no dead letter any more."}</span>
        <span class="muted small">
          {queue}, {failedAt !== null && <When at={at(failedAt)} />} after {counted(attempts, "try", "tries")}
          {eventType && `, from ${spoken(eventType)}`}
          {replays.length > 0 && `, replayed ${replays.length} times`}
        </span>
      </div>
    </li>
  );
}
