import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useNotAllowed } from "../../parts/order.tsx";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { useAction } from "../../server/use-action.ts";
import { counted } from "../../words/names.ts";
import { answers, type ReplayAnswer } from "./answers.ts";

/** A job by queue and id, or a filter that stands for all it fits. */
type Target = Readonly<Record<string, string>>;

/** What is to be replayed, and what the button that asked for it said. */
export interface Asked {
  label: string;
  targets: readonly Target[];
}

interface ReplayProps {
  asked: Asked | null;
  /** isDone: something was replayed. */
  onClose(isDone: boolean): void;
}

/**
 * Who and why, then what would be replayed, and only then the replay. It stands beside the list and not in it: what is replayed
 * leaves the list while one reads what came of it.
 */
export function Replay({ asked, onClose }: ReplayProps) {
  return (
    <Dialog title={asked?.label ?? ""} isOpen={asked !== null} onClose={() => onClose(false)}>
      {asked && <ReplayForm targets={asked.targets} onClose={onClose} />}
    </Dialog>
  );
}

/** Asks for it. */
export function ReplayButton({
  label,
  disabledBecause = null,
  onClick,
}: {
  label: string;
  disabledBecause?: string | null;
  onClick(): void;
}) {
  const notAllowed = useNotAllowed("admin");
  return (
    <Button disabledBecause={notAllowed ?? disabledBecause} onClick={onClick}>
      {label}
    </Button>
  );
}

function ReplayForm({ targets, onClose }: { targets: readonly Target[]; onClose(isDone: boolean): void }) {
  const by = useBy();
  const [reason, setReason] = useState("");
  const action = useAction<ReplayAnswer>();
  const [asked, setAsked] = useState(0);
  const [plan, setPlan] = useState<ReplayAnswer | null>(null);
  const [done, setDone] = useState<ReplayAnswer | null>(null);
  const ready = plan?.results.filter(({ answer }) => answer === "would-replay").length ?? 0;

  /** One order each, so that what one of them comes to does not hang on the others. */
  async function ask(dryRun: boolean): Promise<ReplayAnswer | null> {
    const all: ReplayAnswer = { dryRun, results: [], more: false };
    for (const [index, target] of targets.entries()) {
      setAsked(index + 1);
      const answer = await action.run("/api/dead-letters/replay", { ...target, dryRun, by, reason: reason.trim() });
      if (answer === undefined) return null;
      all.results.push(...answer.results);
      all.more ||= answer.more;
    }
    return all;
  }
  if (done)
    return (
      <div class="form">
        <Notice tone="ok" isAlert>
          <Results answer={done} />
        </Notice>
        <div class="form-foot">
          <Button kind="primary" onClick={() => onClose(true)}>
            Done
          </Button>
        </div>
      </div>
    );
  const says = plan ? (
    <>
      <p>{ready === 0 ? "Nothing would be replayed:" : `${counted(ready, "job")} would be replayed:`}</p>
      <Results answer={plan} />
    </>
  ) : (
    <p>
      What already happened is not done again: a replay goes on after the last step that left a receipt. First you see
      what would be replayed.
    </p>
  );
  return (
    <OrderForm
      says={says}
      action={action}
      label={plan ? `Replay ${counted(ready, "job")}` : "Show what would be replayed"}
      missing={plan !== null && ready === 0 ? "There is nothing to replay." : reason.trim() === "" ? "Say why." : null}
      onSubmit={() => void (plan ? ask(false).then(setDone) : ask(true).then(setPlan))}
      onCancel={() => onClose(false)}
    >
      <Field
        label="Why"
        name="reason"
        kind="long"
        value={reason}
        onInput={setReason}
        problem={action.problem}
        hint="What was mended, so that it will not fail again?"
        isRequired
      />
      {action.isBusy && targets.length > 1 && (
        <p class="muted" role="status">
          {asked} of {targets.length}
        </p>
      )}
    </OrderForm>
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
