import { useRef } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Loaded } from "../../parts/page.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { listPath, MOST, shownOf } from "../../words/incident-list.ts";
import type { IncidentPage } from "./answers.ts";
import { Older } from "./older.tsx";
import { Sections } from "./sections.tsx";

type Filter = Readonly<Record<"status" | "priority" | "agent", string>>;

/** What bleeds, first. However many of them somebody has asked to see, all are told anew whenever something changes. */
export function IncidentList({ filter }: { filter: Filter }) {
  const { query } = useStore(place);
  const shown = shownOf(query.get("show"));
  const loaded = useServer<IncidentPage>(listPath(filter, shown), ({ topic }) => topic === "incident");
  const data = useLast(loaded.data, listPath(filter, 0));
  return (
    <Loaded loaded={{ ...loaded, data }}>
      {({ incidents, next }) => (
        <>
          {incidents.length === 0 ? <Nothing filter={filter} /> : <Sections incidents={incidents} />}
          {next != null &&
            (incidents.length >= shown && shown < MOST ? (
              <Button isBusy={loaded.data === undefined} onClick={() => setQuery({ show: String(shownOf(shown + 1)) })}>
                More incidents
              </Button>
            ) : (
              <Older path={listPath(filter, shown)} from={next} key={next} />
            ))}
        </>
      )}
    </Loaded>
  );
}

/** While more of the same is asked for, what was there stays. */
function useLast(page: IncidentPage | undefined, of: string): IncidentPage | undefined {
  const last = useRef<{ of: string; page: IncidentPage }>(null);
  if (page !== undefined) last.current = { of, page };
  return page ?? (last.current?.of === of ? last.current.page : undefined);
}

function Nothing({ filter: { status, priority, agent } }: { filter: Filter }) {
  return status + priority + agent !== "" ? (
    <Empty title="No incident is like that." />
  ) : (
    <Empty title="No incident yet.">
      <p>When an agent gets into trouble, it stands here first.</p>
    </Empty>
  );
}
