import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { ProblemNotice } from "../../parts/notice.tsx";
import { type Problem, problemIn, request } from "../../server/request.ts";
import type { IncidentPage, IncidentSummary } from "./answers.ts";
import { Sections } from "./sections.tsx";

/** What comes after all that is kept up to date, page by page, as it was when it was asked for. */
export function Older({ path, from }: { path: string; from: string }) {
  const [rows, setRows] = useState<readonly IncidentSummary[]>([]);
  const [next, setNext] = useState<string | null>(from);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function more(): Promise<void> {
    setBusy(true);
    try {
      const page = await request<IncidentPage>(`${path}&after=${encodeURIComponent(next ?? "")}`);
      setRows((before) => [...before, ...page.incidents]);
      setNext(page.next ?? null);
      setProblem(null);
    } catch (error) {
      setProblem(problemIn(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      {rows.length > 0 && <Sections incidents={rows} />}
      <ProblemNotice problem={problem} />
      {next !== null && (
        <Button isBusy={isBusy} onClick={() => void more()}>
          More incidents
        </Button>
      )}
    </>
  );
}
