import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { givenName } from "../person.ts";
import type { Problem } from "../server/request.ts";
import { session } from "../server/session-store.ts";
import type { Action } from "../server/use-action.ts";
import { useStore } from "../store.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { FreshLogin } from "./fresh-login.tsx";
import { Notice, ProblemNotice } from "./notice.tsx";

/** Who orders it: the person of the login, else who they say they are. */
export function useBy(): string {
  const who = useStore(session);
  const given = useStore(givenName);
  return (who?.name ?? given).trim();
}

/** Why the deed that a form asks about cannot be done any more, where that changed while it was filled in; null: it can. */
export const Impossible = createContext<string | null>(null);

interface OrderFormProps {
  /** What will happen, and with which money. */
  says: ComponentChildren;
  children?: ComponentChildren;
  action: Pick<Action<unknown>, "isBusy" | "problem">;
  label: string;
  kind?: "primary" | "danger";
  /** What is still missing, said at the button. */
  missing: string | null;
  onSubmit(): void;
  onCancel(): void;
}

/** The form of every deed: first what will happen, then who and why, then the button that does it. */
export function OrderForm(props: OrderFormProps) {
  const { says, children, action, label, kind = "primary", missing, onSubmit, onCancel } = props;
  const { isBusy, problem } = action;
  const by = useBy();
  const changed = useContext(Impossible);
  // What is being done right now is what changes it.
  const impossible = isBusy ? null : changed;
  const isMissing = impossible ?? (by === "" ? "Say your name first." : missing);
  const refusal = useRef<HTMLDivElement>(null);
  // On a phone what was refused, and why, would stand below the fold.
  useEffect(() => {
    if (problem !== null) refusal.current?.scrollIntoView({ block: "nearest" });
  }, [problem]);
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isMissing === null) onSubmit();
      }}
    >
      {impossible !== null && (
        <Notice tone="warn" isAlert>
          <p>{impossible}</p>
        </Notice>
      )}
      <div class="says prose">{says}</div>
      <NameField problem={problem} />
      {children}
      <div class="refusal" ref={refusal}>
        {problem?.kind === "fresh-login-required" ? (
          <FreshLogin why={problem.detail} onDone={onSubmit} />
        ) : (
          <ProblemNotice problem={problem} />
        )}
      </div>
      <div class="form-foot">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind={kind} isBusy={isBusy} disabledBecause={isMissing}>
          {isBusy ? "One moment …" : label}
        </Button>
      </div>
    </form>
  );
}

function NameField({ problem }: { problem: Problem | null }) {
  const who = useStore(session);
  const given = useStore(givenName);
  if (who?.name != null) return null;
  return (
    <Field
      label="Your name"
      name="by"
      value={given}
      onInput={givenName.set}
      problem={problem}
      isRequired
      autoComplete="name"
      hint="This login belongs to nobody in particular. Kept in this browser."
    />
  );
}
