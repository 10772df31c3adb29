import { useEffect, useState } from "preact/hooks";
import { onLinkToken } from "../link-token.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { navigate, place } from "../router.ts";
import { type Problem, problemIn } from "../server/request.ts";
import { logIn } from "../server/session.ts";
import { session } from "../server/session-store.ts";
import { useStore } from "../store.ts";
import { safePath } from "../words/match.ts";
import { pageAt } from "./index.ts";

/** A token, pasted or from the fragment of a link (`#token=…`), which never leaves the browser except in the login itself. */
export function Login() {
  const [token, setToken] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function enter(text: string): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await logIn(text.trim());
      if (session.get()) goOn();
    } catch (error) {
      setProblem(inWords(problemIn(error)));
    } finally {
      setBusy(false);
    }
  }

  // A link that somebody sent must not put another login in the place of one's own unasked.
  const [offered, setOffered] = useState<string | null>(null);
  useEffect(() => {
    document.title = "Log in · Tourniquet";
    return onLinkToken((given) => (session.get() ? setOffered(given) : void enter(given)));
  }, []);
  const who = useStore(session);
  if (who && offered !== null)
    return (
      <Offered
        who={who.name ?? who.role}
        onTake={() => {
          setOffered(null);
          void enter(offered);
        }}
        onStay={goOn}
      />
    );

  return (
    <main class="alone">
      <form
        class="login"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && token.trim() !== "") void enter(token);
        }}
      >
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          <span>Tourniquet</span>
        </p>
        <h1>Log in</h1>
        <ProblemNotice problem={problem} />
        <Field
          label="Token"
          name="token"
          kind="password"
          value={token}
          onInput={setToken}
          isRequired
          autoComplete="current-password"
          hint="Your personal token (tqt_…), or the one of the environment."
        />
        <Button kind="primary" type="submit" isBusy={isBusy}>
          {isBusy ? "Logging in …" : "Log in"}
        </Button>
        <p class="muted small">
          No token? An admin makes one: <code>npx tourniquet tokens create --name you --role responder</code>
        </p>
      </form>
    </main>
  );
}

/** Somebody is logged in, and a link would log in another. */
function Offered({ who, onTake, onStay }: { who: string; onTake(): void; onStay(): void }) {
  return (
    <main class="alone">
      <div class="login">
        <h1>You are logged in as {who}</h1>
        <p>
          The link you opened would log you in with a token of its own. What you do then is recorded under the name of
          that token. If somebody sent you the link, stay as you are.
        </p>
        <Button kind="primary" onClick={onStay}>
          Stay {who}
        </Button>
        <Button onClick={onTake}>Log in with the token of the link</Button>
      </div>
    </main>
  );
}

/** To what was asked for before the login: also what is no page of the console, as the queues. */
function goOn(): void {
  const { path, query } = place.get();
  const to = safePath(path === "/login" ? query.get("then") : path + location.search);
  if (pageAt(to.split("?", 1)[0]!)) navigate(to, { replace: true });
  else location.assign(to);
}

function inWords(problem: Problem): Problem {
  if (problem.status !== 429) return problem;
  const when = problem.retryAfterSec === null ? "in a minute" : `in ${problem.retryAfterSec} s`;
  return { ...problem, detail: `Too many tries from this address. Try again ${when}.`, retryAfterSec: null };
}
