import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { may, session } from "../server/session-store.ts";
import { useAction } from "../server/use-action.ts";
import { useStore } from "../store.ts";
import { tell } from "../told.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { OrderForm, useBy } from "./order-form.tsx";

/** Why somebody of this role cannot press it; null: they can. */
export function useNotAllowed(needed: "responder" | "admin"): string | null {
  const who = useStore(session);
  if (may(needed, who)) return null;
  const whose = needed === "admin" ? "An admin" : "A responder";
  return `${whose} may do this; you are logged in as ${who?.role ?? "nobody"}.`;
}

interface OrderProps<T> {
  /** What the button says, here and in the dialog. */
  label: string;
  title: string;
  /** What will happen, before it is asked who and why. */
  children: ComponentChildren;
  path: string;
  method?: "POST" | "DELETE";
  /** Sent besides who and why. */
  body?: Readonly<Record<string, unknown>>;
  needs: "responder" | "admin";
  /** false: only who. */
  asksWhy?: boolean;
  /** Has to be typed first, where much hangs on it. */
  word?: string;
  kind?: "primary" | "plain" | "danger" | "quiet";
  disabledBecause?: string | null;
  /** What came of it, in a sentence. */
  told: string | ((answer: T) => string);
  /** Then: mostly to read again what changed. */
  onDone(): void;
}

/** A button that asks who and why, and then does it. */
export function Order<T>(props: OrderProps<T>) {
  const { label, title, kind = "plain", needs, disabledBecause = null } = props;
  const [isOpen, setOpen] = useState(false);
  const notAllowed = useNotAllowed(needs);
  const close = () => setOpen(false);
  return (
    <>
      <Button kind={kind} disabledBecause={notAllowed ?? disabledBecause} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog title={title} isOpen={isOpen} onClose={close}>
        <Asked {...props} onClose={close} />
      </Dialog>
    </>
  );
}

function Asked<T>(props: OrderProps<T> & { onClose(): void }) {
  const { label, children, path, method = "POST", body, word, kind, asksWhy = true, told, onDone, onClose } = props;
  const by = useBy();
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const action = useAction<T>(method);
  const missing =
    asksWhy && reason.trim() === ""
      ? "Say why."
      : word !== undefined && typed.trim().toLowerCase() !== word
        ? `Type “${word}” first.`
        : null;

  async function submit(): Promise<void> {
    const answer = await action.run(path, { ...body, by, ...(asksWhy && { reason: reason.trim() }) });
    if (answer === undefined) return;
    onClose();
    tell(typeof told === "string" ? told : told(answer));
    onDone();
  }
  return (
    <OrderForm
      says={children}
      action={action}
      label={label}
      kind={kind === "danger" ? "danger" : "primary"}
      missing={missing}
      onSubmit={() => void submit()}
      onCancel={onClose}
    >
      {asksWhy && (
        <Field
          label="Why"
          name="reason"
          kind="long"
          value={reason}
          onInput={setReason}
          problem={action.problem}
          isRequired
        />
      )}
      {word !== undefined && (
        <Field label={`Type “${word}” to go on`} name="word" value={typed} onInput={setTyped} isRequired />
      )}
    </OrderForm>
  );
}
