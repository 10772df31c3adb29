import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Notice, ProblemNotice } from "../../parts/notice.tsx";
import { NameField, useDecider, useNotAllowed } from "../../parts/order.tsx";
import { useAction } from "../../server/use-action.ts";
import { counted } from "../../words/names.ts";

interface Acknowledged {
  incidents: readonly { incidentId: string; status: string; by: string }[];
}

/** Takes on every incident of a cascade at once: nobody else is woken for any of them. */
export function TakeOn({ id, onDone }: { id: string; onDone(): void }) {
  const decider = useDecider();
  const notAllowed = useNotAllowed("responder");
  const [isOpen, setOpen] = useState(false);
  const [taken, setTaken] = useState<number | null>(null);
  const { run, isBusy, problem } = useAction<Acknowledged>();

  async function take(): Promise<void> {
    const answer = await run(`/api/cascades/${encodeURIComponent(id)}/acknowledge`, { by: decider.by.trim() });
    if (answer === undefined) return;
    setOpen(false);
    setTaken(answer.incidents.length);
    onDone();
  }
  return (
    <div class="buttons">
      {taken !== null && (
        <Notice tone="ok" isAlert>
          {counted(taken, "incident is", "incidents are")} yours or somebody's: nobody else is woken.
        </Notice>
      )}
      <Button
        kind="primary"
        disabledBecause={notAllowed}
        isBusy={isBusy}
        onClick={() => (decider.isNamed ? void take() : setOpen(true))}
      >
        Acknowledge all of it
      </Button>
      <ProblemNotice problem={problem} />
      <Dialog title="Acknowledge all of it" isOpen={isOpen} onClose={() => setOpen(false)}>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void take();
          }}
        >
          <NameField by={decider.by} problem={problem} />
          <div class="form-foot">
            <Button type="submit" kind="primary" isBusy={isBusy}>
              Acknowledge
            </Button>
          </div>
        </form>
      </Dialog>
    </div>
  );
}
