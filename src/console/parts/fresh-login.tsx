import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemIn } from "../server/request.ts";
import { logIn } from "../server/session.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { Notice, ProblemNotice } from "./notice.tsx";

/** Some changes ask for a login of the last minutes: here, without losing what was written. Inside a form. */
export function FreshLogin({ why, onDone }: { why: string; onDone(): void }) {
  const [token, setToken] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function prove(): Promise<void> {
    setBusy(true);
    try {
      await logIn(token.trim());
      onDone();
    } catch (error) {
      setProblem(problemIn(error));
    } finally {
      setBusy(false);
    }
  }
  const box = useRef<HTMLDivElement>(null);
  // On a phone it would come below the foot of the sheet.
  useEffect(() => box.current?.scrollIntoView({ block: "end" }), [problem]);
  return (
    <div ref={box}>
      <Notice tone="warn" isAlert>
        <p>{why}</p>
        <ProblemNotice problem={problem} />
        <Field
          label="Your token, once more"
          name="token"
          kind="password"
          value={token}
          onInput={setToken}
          onEnter={() => void (isBusy || token.trim() === "" || prove())}
          isRequired
        />
        <Button
          kind="primary"
          isBusy={isBusy}
          disabledBecause={token.trim() === "" ? "Paste your token first." : null}
          onClick={() => void prove()}
        >
          Log in and go on
        </Button>
      </Notice>
    </div>
  );
}
