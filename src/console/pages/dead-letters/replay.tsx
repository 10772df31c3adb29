import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Notice, ProblemNotice } from "../../parts/notice.tsx";
import { DeciderFields, useDecider, useNotAllowed } from "../../parts/order.tsx";
import { useAction } from "../../server/use-action.ts";
import { counted } from "../../words/names.ts";
import { answers, type ReplayAnswer } from "./answers.ts";

/** A job by queue and id, or a filter that stands for all it fits. */
type Target = Readonly<Record<string, string>>;

interface ReplayProps {
  label: string;
  targets: readonly Target[];
  disabledBecause?: string | null;
  onDone(): void;
}

/** Who and why, then what would be replayed, and only then the replay. */
export function Replay({ label, targets, disabledBecause = null, onDone }: ReplayProps) {
  const [isOpen, setOpen] = useState(false);
  const notAllowed = useNotAllowed("admin");
  return (
    <>
      <Button disabledBecause={notAllowed ?? disabledBecause} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog title={label} isOpen={isOpen} onClose={() => setOpen(false)}>
        <ReplayForm
          targets={targets}
          onClose={(isDone) => {
            setOpen(false);
            if (isDone) onDone();
          }}
        />
      </Dialog>
    </>
  );
}

function ReplayForm({ targets, onClose }: { targets: readonly Target[]; onClose(isDone: boolean): void }) {
  const decider = useDecider();
  const { run, isBusy, problem } = useAction<ReplayAnswer>();
  const [asked, setAsked] = useState(0);
  const [plan, setPlan] = useState<ReplayAnswer | null>(null);
  const [done, setDone] = useState<ReplayAnswer | null>(null);
  const ready = plan?.results.filter(({ answer }) => answer === "would-replay").length ?? 0;

  /** One order each, so that what one of them comes to does not hang on the others. */
  async function ask(dryRun: boolean): Promise<ReplayAnswer | null> {
    const all: ReplayAnswer = { results: [], more: false };
    for (const [index, target] of targets.entries()) {
      setAsked(index + 1);
      const answer = await run("/api/dead-letters/replay", {
        ...target,
        dryRun,
        by: decider.by.trim(),
        reason: decider.reason.trim(),
      });
      if (answer === undefined) return null;
      Object.assign(all, { results: [...all.results, ...answer.results], more: all.more || answer.more });
    }
    return all;
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (done !== null) return onClose(true);
        if (plan === null) void ask(true).then(setPlan);
        else void ask(false).then(setDone);
      }}
    >
      <ProblemNotice problem={problem} />
      {done ? (
        <Notice tone="ok" isAlert>
          <Results answer={done} />
        </Notice>
      ) : plan ? (
        <>
          <p>{ready === 0 ? "Nothing would be replayed:" : `${counted(ready, "job")} would be replayed:`}</p>
          <Results answer={plan} />
        </>
      ) : (
        <>
          <p class="muted">
            What already happened is not done again: a replay goes on after the last step that left a receipt. First you
            see what would be replayed.
          </p>
          <DeciderFields decider={decider} problem={problem} hint="What was mended, so that it will not fail again?" />
        </>
      )}
      {isBusy && targets.length > 1 && (
        <p class="muted" role="status">
          {asked} of {targets.length}
        </p>
      )}
      <div class="form-foot">
        {done === null && <Button onClick={() => onClose(false)}>Cancel</Button>}
        <Button
          type="submit"
          kind="primary"
          isBusy={isBusy}
          disabledBecause={plan !== null && done === null && ready === 0 ? "There is nothing to replay." : null}
        >
          {done ? "Close" : plan ? `Replay ${counted(ready, "job")}` : "Show what would be replayed"}
        </Button>
      </div>
    </form>
  );
}

function Results({ answer: { results, more } }: { answer: ReplayAnswer }) {
  return (
    <>
      <ul class="results">
        {results.map(({ queue, id, answer, detail }) => (
          <li key={`${queue} ${id}`}>
            <code>{id}</code> {answers[answer] ?? answer}
            {detail && <span class="muted small">: {detail}</span>}
          </li>
        ))}
      </ul>
      {more && <p>More fit than are replayed at once: come again for the rest.</p>}
    </>
  );
}
