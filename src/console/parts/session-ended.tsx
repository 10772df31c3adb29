import { useEffect, useId, useRef, useState } from "preact/hooks";
import { type Problem, problemIn } from "../server/request.ts";
import { askAgain, leave, logIn } from "../server/session.ts";
import { hasEnded, type Session } from "../server/session-store.ts";
import { useStore } from "../store.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { ProblemNotice } from "./notice.tsx";

/** In front of everything, forms that are open included; it hides what only people with a login may see. */
export function SessionEnded({ who }: { who: Session }) {
  const isOut = useStore(hasEnded);
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!isOut || !dialog) return;
    dialog.showModal();
    return () => dialog.close();
  }, [isOut]);
  useEffect(() => {
    // Another tab may have logged in: its login is this one's too, and so is what has to be sent with changes.
    const look = () => void (document.hidden || askAgain());
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog session-ended"
      aria-labelledby={id}
      aria-describedby={`${id}-why`}
      closedby="none"
      onKeyDown={(event) => {
        // Escape would close the form behind it as well: to a browser the two are one.
        if (event.key === "Escape") event.preventDefault();
      }}
    >
      {isOut && (
        <div class="dialog-body">
          <header class="dialog-head">
            <h2 id={id}>Log in again</h2>
          </header>
          <p id={`${id}-why`}>
            Your login has ended: after 15 minutes without use, after 8 hours, or because its token was revoked. What
            you wrote is still here, and nothing of it was sent.
          </p>
          <TokenForm who={who} />
        </div>
      )}
    </dialog>
  );
}

function TokenForm({ who }: { who: Session }) {
  const [token, setToken] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function enter(): Promise<void> {
    setBusy(true);
    try {
      await logIn(token.trim());
    } catch (error) {
      setProblem(problemIn(error));
      setBusy(false);
    }
  }
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && token.trim() !== "") void enter();
      }}
    >
      <ProblemNotice problem={problem} />
      <Field
        label="Token"
        name="token"
        kind="password"
        value={token}
        onInput={setToken}
        isRequired
        autoComplete="current-password"
        hint={who.name === null ? `You were logged in as ${who.role}.` : `You were logged in as ${who.name}.`}
      />
      <div class="form-foot">
        <Button onClick={leave}>Leave this page</Button>
        <Button
          kind="primary"
          type="submit"
          isBusy={isBusy}
          disabledBecause={token.trim() === "" ? "Paste your token first." : null}
        >
          {isBusy ? "Logging in …" : "Log in and go on"}
        </Button>
      </div>
    </form>
  );
}
