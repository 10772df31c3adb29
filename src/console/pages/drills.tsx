import { useState } from "preact/hooks";
import type { z } from "zod";
import type { drillRunShape } from "../../http/api/shapes/drill.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Card } from "../parts/card.tsx";
import { Choice } from "../parts/field.tsx";
import { Money } from "../parts/money.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { Order } from "../parts/order.tsx";
import { Loaded, Page } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { useServer } from "../server/use-server.ts";
import { counted, listed } from "../words/names.ts";
import { at, lasting } from "../words/time.ts";

/** GET /api/drills, as far as it is shown: newest first. Times as ISO 8601. */
interface Runs {
  drills: readonly Run[];
}
type Run = z.output<typeof drillRunShape>;
type Result = Run["results"][number];
/** Of a result, as `tourniquet drill --json` prints it. */
interface Score {
  timeToFreezeMs?: number | null;
  lost?: string;
  reasons?: readonly string[];
}
interface Scenarios {
  scenarios: readonly { name: string; story: string }[];
}

const states: Readonly<Record<Run["state"], { tone: Tone; text: string }>> = {
  running: { tone: "progress", text: "Running" },
  passed: { tone: "ok", text: "Passed" },
  failed: { tone: "danger", text: "Failed" },
  interrupted: { tone: "warn", text: "Interrupted" },
};
/** Longer ago, nobody knows whether it still holds. */
const STALE_MS = 30 * 86_400_000;

/** Whether it would stop what it is there to stop: past runs, and one more. */
export function Drills() {
  const loaded = useServer<Runs>("/api/drills", ({ topic }) => topic === "drills");
  return (
    <Page title="Drills">
      <Loaded loaded={loaded}>
        {({ drills }) => (
          <>
            <HowLongAgo runs={drills} />
            <RunOne isRunning={drills.some(({ state }) => state === "running")} onDone={loaded.reload} />
            {drills.length > 0 && (
              <Card title="Runs">
                <ul class="rows">
                  {drills.map((run) => (
                    <RunRow key={run.id} run={run} />
                  ))}
                </ul>
              </Card>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function HowLongAgo({ runs }: { runs: readonly Run[] }) {
  const last = runs.find(({ state }) => state === "passed" || state === "failed");
  if (last === undefined)
    return runs.length === 0 ? (
      <Empty title="No drill was run yet.">
        <p>A drill plays a trouble against a product of its own and scores whether it was stopped. Run one below.</p>
      </Empty>
    ) : null;
  const isStale = Date.now() - at(last.startedAt) > STALE_MS;
  if (last.state === "passed" && !isStale) return null;
  return (
    <Notice tone={last.state === "failed" ? "danger" : "warn"}>
      <p>
        The last drill was <When at={at(last.startedAt)} />
        {last.state === "failed" ? ", and failed: look at why before you rely on it." : ". Run one again."}
      </p>
    </Notice>
  );
}

function RunOne({ isRunning, onDone }: { isRunning: boolean; onDone(): void }) {
  const loaded = useServer<Scenarios>("/api/drills/scenarios", () => false);
  const [scenario, setScenario] = useState("runaway");
  return (
    <Card title="Run one">
      <Loaded loaded={loaded}>
        {({ scenarios }) => (
          <>
            <Choice
              label="Story"
              value={scenario}
              onChange={setScenario}
              options={[
                ...scenarios.map(({ name }) => ({ value: name, label: name })),
                { value: "all", label: `all ${scenarios.length} of them, about a minute` },
              ]}
            />
            <p class="muted story">{scenarios.find(({ name }) => name === scenario)?.story}</p>
            <div class="buttons">
              <Order
                label="Run the drill"
                kind="primary"
                title="Run a drill?"
                path="/api/drills"
                body={{ scenario }}
                needs="admin"
                asksWhy={false}
                disabledBecause={isRunning ? "One is running already." : null}
                told="The drill runs."
                onDone={onDone}
              >
                <p>
                  It plays on this machine, against a product, a gateway and a Redis of its own: no agent and no money
                  of yours is touched. It takes some of the machine while it runs.
                </p>
              </Order>
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function RunRow({ run }: { run: Run }) {
  const { wanted, by, state, startedAt, endedAt, results, problem } = run;
  const passed = results.filter(({ verdict }) => verdict === "passed").length;
  return (
    <li class="row-plain">
      <p class="row-head">
        <Badge tone={states[state].tone}>{states[state].text}</Badge>
        <strong>{wanted.length > 3 ? counted(wanted.length, "drill") : listed(wanted)}</strong>
        <span class="muted small">
          <When at={at(startedAt)} /> by {by}
          {endedAt && `, took ${lasting(at(endedAt) - at(startedAt))}`}
        </span>
      </p>
      {state === "running" && (
        <p role="status">
          <progress max={wanted.length} value={results.length} aria-label="Drills that are over" /> {results.length} of{" "}
          {wanted.length} over
        </p>
      )}
      {problem && <p>{problem}</p>}
      {results.length > 0 && (
        <details class="more" open={state === "running" || passed < results.length}>
          <summary>
            {passed} of {results.length} passed
          </summary>
          <ul class="results">
            {results.map((result) => (
              <ResultRow key={result.drill} result={result} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function ResultRow({ result: { drill, verdict, durationMs, score } }: { result: Result }) {
  const { timeToFreezeMs, lost, reasons = [] }: Score = score;
  return (
    <li>
      <Badge tone={verdict === "passed" ? "ok" : "danger"}>{verdict}</Badge> {drill}
      <span class="muted small">
        {timeToFreezeMs != null && `, frozen after ${lasting(timeToFreezeMs)}`}
        {lost !== undefined && (
          <>
            , <Money amount={lost} /> lost
          </>
        )}
        , played in {lasting(durationMs)}
      </span>
      {reasons.map((reason) => (
        <p key={reason} class="small">
          {reason}
        </p>
      ))}
    </li>
  );
}
