import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
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
          onCancel={() => setOpen(false)}
          onDone={(name, secret) => {
            setOpen(false);
            onDone(name, secret);
          }}
        />
      </Dialog>
    </>
  );
}

function Form({ onDone, onCancel }: { onDone(name: string, secret: string): void; onCancel(): void }) {
  const by = useBy();
  const [name, setName] = useState("");
  const [role, setRole] = useState("responder");
  const [days, setDays] = useState("");
  const action = useAction<{ name: string; secret: string | null }>();

  async function make(): Promise<void> {
    const expiresAt = days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    const answer = await action.run("/api/tokens", {
      by,
      name: name.trim(),
      role,
      ...(expiresAt !== null && { expiresAt }),
    });
    if (answer) onDone(answer.name, answer.secret ?? "It was shown before: revoke it and make another.");
  }
  return (
    <OrderForm
      says={<p>It is shown once. Whoever has it may do what its role may, under its name.</p>}
      action={action}
      label="Make the token"
      missing={name.trim() === "" ? "Say whose it is." : null}
      onSubmit={() => void make()}
      onCancel={onCancel}
    >
      <Field
        label="Whose it is"
        name="name"
        value={name}
        onInput={setName}
        problem={action.problem}
        hint="A person, or one program."
        isRequired
      />
      <Choice label="May" value={role} onChange={setRole} options={roles} />
      <Choice label="Good" value={days} onChange={setDays} options={lengths} />
    </OrderForm>
  );
}
