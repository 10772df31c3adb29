import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { ProblemNotice } from "../../parts/notice.tsx";
import { NameField, useDecider } from "../../parts/order.tsx";
import { useAction } from "../../server/use-action.ts";

const roles = [
  { value: "viewer", label: "viewer: sees everything, changes nothing" },
  { value: "responder", label: "responder: acknowledges, recovers, stands down" },
  { value: "admin", label: "admin: may do all of it" },
  { value: "agent", label: "agent: asks its breaker, nothing else" },
];
const DAY_MS = 86_400_000;
const lengths = [
  { value: "", label: "until it is revoked" },
  { value: "1", label: "for a day" },
  { value: "30", label: "for 30 days" },
  { value: "90", label: "for 90 days" },
  { value: "365", label: "for a year" },
];

export function CreateToken({ onDone }: { onDone(name: string, secret: string): void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        Make a token
      </Button>
      <Dialog title="Make a token" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Form
          onDone={(name, secret) => {
            setOpen(false);
            onDone(name, secret);
          }}
        />
      </Dialog>
    </>
  );
}

function Form({ onDone }: { onDone(name: string, secret: string): void }) {
  const decider = useDecider();
  const [name, setName] = useState("");
  const [role, setRole] = useState("responder");
  const [days, setDays] = useState("");
  const { run, isBusy, problem } = useAction<{ name: string; secret: string | null }>();

  async function make(): Promise<void> {
    const expiresAt = days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    const answer = await run("/api/tokens", {
      by: decider.by.trim(),
      name: name.trim(),
      role,
      ...(expiresAt !== null && { expiresAt }),
    });
    if (answer) onDone(answer.name, answer.secret ?? "It was shown before: revoke it and make another.");
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <ProblemNotice problem={problem} />
      {!decider.isNamed && <NameField by={decider.by} problem={problem} />}
      <Field
        label="Whose it is"
        name="name"
        value={name}
        onInput={setName}
        problem={problem}
        hint="A person, or one program."
        isRequired
      />
      <Choice label="May" value={role} onChange={setRole} options={roles} />
      <Choice label="Good" value={days} onChange={setDays} options={lengths} />
      <div class="form-foot">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Make the token
        </Button>
      </div>
    </form>
  );
}
