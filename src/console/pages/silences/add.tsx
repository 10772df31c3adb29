import { useState } from "preact/hooks";
import { signalKinds } from "../../../incident/signal.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { useNotAllowed } from "../../parts/order.tsx";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { may, session } from "../../server/session-store.ts";
import { useAction } from "../../server/use-action.ts";
import { useStore } from "../../store.ts";
import { tell } from "../../told.ts";
import { spoken } from "../../words/names.ts";

const HOUR_MS = 3_600_000;
const lengths = [
  ["1", "1 hour"],
  ["2", "2 hours"],
  ["4", "4 hours"],
  ["8", "8 hours"],
  ["24", "1 day"],
  ["168", "1 week"],
  ["720", "30 days, the longest there is"],
] as const;

/** A person's own order is no alert. */
const signals = signalKinds.filter((kind) => kind !== "fleet-shutdown");

export function AddSilence({ onDone }: { onDone(): void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button disabledBecause={useNotAllowed("responder")} onClick={() => setOpen(true)}>
        Add a silence
      </Button>
      <Dialog title="Add a silence" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Form
          onCancel={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            tell("The silence is added.");
            onDone();
          }}
        />
      </Dialog>
    </>
  );
}

/** Whoever adds it answers for it. */
function Form({ onDone, onCancel }: { onDone(): void; onCancel(): void }) {
  const who = useStore(session);
  const owner = useBy();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<string>("2");
  const [agent, setAgent] = useState("");
  const [signal, setSignal] = useState("any");
  const [holds, setHolds] = useState(false);
  const action = useAction();

  async function add(): Promise<void> {
    const answer = await action.run("/api/silences", {
      owner,
      reason: reason.trim(),
      until: new Date(Date.now() + Number(hours) * HOUR_MS).toISOString(),
      ...(agent.trim() !== "" && { agent: agent.trim() }),
      ...(signal !== "any" && { signal }),
      ...(holds && { holdsContainment: true }),
    });
    if (answer !== undefined) onDone();
  }
  return (
    <OrderForm
      says={
        <p>
          Alerts wait until it is over, and you answer for it. A critical signal is contained all the same, unless you
          say otherwise.
        </p>
      }
      action={action}
      label="Add the silence"
      missing={reason.trim() === "" ? "Say why." : null}
      onSubmit={() => void add()}
      onCancel={onCancel}
    >
      <Field label="Why" name="reason" value={reason} onInput={setReason} problem={action.problem} isRequired />
      <div class="form-pair">
        <Choice
          label="For"
          value={hours}
          onChange={setHours}
          options={lengths.map(([value, label]) => ({ value, label }))}
        />
        <Choice
          label="Signal"
          value={signal}
          onChange={setSignal}
          options={[
            { value: "any", label: "every signal" },
            ...signals.map((value) => ({ value, label: spoken(value) })),
          ]}
        />
      </div>
      <Field
        label="Agent"
        name="agent"
        value={agent}
        onInput={setAgent}
        problem={action.problem}
        hint="Left out: every agent."
      />
      {may("admin", who) && (
        <label class="check">
          <input type="checkbox" checked={holds} onChange={(event) => setHolds(event.currentTarget.checked)} />
          <span>Hold back containment too: nothing stops the agent meanwhile</span>
        </label>
      )}
    </OrderForm>
  );
}
