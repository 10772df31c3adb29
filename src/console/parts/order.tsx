import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { may, session } from "../server/session-store.ts";
import { useAction } from "../server/use-action.ts";
import { createStore, useStore } from "../store.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import type { IconName } from "./icon.tsx";
import { ProblemNotice } from "./notice.tsx";

/** Whose orders these are where the login names nobody: asked once a visit, and kept no longer. */
const givenName = createStore("");

export interface Decider {
  by: string;
  reason: string;
}

/** What every order says: who, and why. A personal login says the first by itself. */
export function useDecider() {
  const who = useStore(session);
  const given = useStore(givenName);
  const [reason, setReason] = useState("");
  return { by: who?.name ?? given, isNamed: who?.name != null, reason, setReason };
}

interface DeciderFieldsProps {
  decider: ReturnType<typeof useDecider>;
  problem: ReturnType<typeof useAction>["problem"];
  hint?: string;
  /** false: only who. */
  asksWhy?: boolean;
}

export function DeciderFields({ decider, problem, hint, asksWhy = true }: DeciderFieldsProps) {
  return (
    <>
      {!decider.isNamed && <NameField by={decider.by} problem={problem} />}
      {asksWhy && (
        <Field
          label="Why"
          name="reason"
          kind="long"
          value={decider.reason}
          onInput={decider.setReason}
          problem={problem}
          {...(hint !== undefined && { hint })}
          isRequired
        />
      )}
    </>
  );
}

/** Asked of whoever logged in with a token that is nobody's own. */
export function NameField({ by, problem }: { by: string; problem: DeciderFieldsProps["problem"] }) {
  return (
    <Field
      label="Your name"
      name="by"
      value={by}
      onInput={(name) => givenName.set(name)}
      problem={problem}
      hint="This login belongs to nobody in particular, and what is changed is kept with who changed it."
      isRequired
      autoComplete="name"
    />
  );
}

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
  asksWhy?: boolean;
  /** Has to be typed first, where much hangs on it. */
  word?: string;
  kind?: "primary" | "plain" | "danger" | "quiet";
  icon?: IconName;
  disabledBecause?: string | null;
  onDone(answer: T, decider: Decider): void;
}

/** A button that asks who and why, and then does it. */
export function Order<T>(props: OrderProps<T>) {
  const { label, title, kind = "plain", icon, needs, disabledBecause = null } = props;
  const [isOpen, setOpen] = useState(false);
  const notAllowed = useNotAllowed(needs);
  return (
    <>
      <Button
        kind={kind}
        {...(icon && { icon })}
        disabledBecause={notAllowed ?? disabledBecause}
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      <Dialog title={title} isOpen={isOpen} onClose={() => setOpen(false)}>
        <OrderForm {...props} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function OrderForm<T>(props: OrderProps<T> & { onClose(): void }) {
  const {
    label,
    children,
    path,
    method = "POST",
    body,
    word,
    kind = "primary",
    asksWhy = true,
    onDone,
    onClose,
  } = props;
  const decider = useDecider();
  const [typed, setTyped] = useState("");
  const { run, isBusy, problem } = useAction<T>(method);
  const { by, reason } = decider;
  const isTyped = word === undefined || typed.trim().toLowerCase() === word;

  async function submit(): Promise<void> {
    const answer = await run(path, { ...body, by: by.trim(), ...(asksWhy && { reason: reason.trim() }) });
    if (answer === undefined) return;
    onClose();
    onDone(answer, { by, reason });
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTyped) void submit();
      }}
    >
      <div class="prose">{children}</div>
      <ProblemNotice problem={problem} />
      <DeciderFields decider={decider} problem={problem} asksWhy={asksWhy} />
      {word !== undefined && (
        <Field
          label={`Type “${word}” to go on`}
          name="word"
          value={typed}
          onInput={setTyped}
          isRequired
          mistake={typed !== "" && !word.startsWith(typed.trim().toLowerCase()) ? `That is not “${word}”.` : null}
        />
      )}
      <div class="form-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind={kind === "danger" ? "danger" : "primary"}
          isBusy={isBusy}
          disabledBecause={isTyped ? null : `Type “${word}” above first.`}
        >
          {label}
        </Button>
      </div>
    </form>
  );
}
