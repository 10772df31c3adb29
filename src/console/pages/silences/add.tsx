import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { ProblemNotice } from "../../parts/notice.tsx";
import { useNotAllowed } from "../../parts/order.tsx";
import { may, session } from "../../server/session-store.ts";
import { useAction } from "../../server/use-action.ts";
import { useStore } from "../../store.ts";
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

/** Those of which alerts can be silenced; the server knows them too and says so if it has others. */
const signals = [
  "budget-exhaustion",
  "budget-warning",
  "reputation-drift",
  "cost-anomaly",
  "escrow-burst",
  "payee-concentration",
  "cancellation-rate",
  "identity-compromise",
  "shared-resource-exhausted",
  "tool-call-burst",
  "suspicious-tool-sequence",
  "data-exfiltration",
  "error-spike",
  "detection-failure",
];

export function AddSilence({ onDone }: { onDone(): void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button disabledBecause={useNotAllowed("responder")} onClick={() => setOpen(true)}>
        Add a silence
      </Button>
      <Dialog title="Add a silence" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Form
          onDone={() => {
            setOpen(false);
            onDone();
          }}
        />
      </Dialog>
    </>
  );
}

function Form({ onDone }: { onDone(): void }) {
  const who = useStore(session);
  const [owner, setOwner] = useState(who?.name ?? "");
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<string>("2");
  const [agent, setAgent] = useState("");
  const [signal, setSignal] = useState("any");
  const [holds, setHolds] = useState(false);
  const { run, isBusy, problem } = useAction();

  async function add(): Promise<void> {
    const answer = await run("/api/silences", {
      owner: owner.trim(),
      reason: reason.trim(),
      until: new Date(Date.now() + Number(hours) * HOUR_MS).toISOString(),
      ...(agent.trim() !== "" && { agent: agent.trim() }),
      ...(signal !== "any" && { signal }),
      ...(holds && { holdsContainment: true }),
    });
    if (answer !== undefined) onDone();
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <p class="muted">
        Alerts wait until it is over. A critical signal is contained all the same, unless you say otherwise.
      </p>
      <ProblemNotice problem={problem} />
      <Field label="Who answers for it" name="owner" value={owner} onInput={setOwner} problem={problem} isRequired />
      <Field label="Why" name="reason" value={reason} onInput={setReason} problem={problem} isRequired />
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
        problem={problem}
        hint="Left out: every agent."
      />
      {may("admin", who) && (
        <label class="check">
          <input type="checkbox" checked={holds} onChange={(event) => setHolds(event.currentTarget.checked)} />
          <span>Hold back containment too: nothing stops the agent meanwhile</span>
        </label>
      )}
      <div class="form-foot">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Add the silence
        </Button>
      </div>
    </form>
  );
}
