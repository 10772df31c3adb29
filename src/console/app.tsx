import { useEffect, useState } from "preact/hooks";
import { onLinkToken } from "./link-token.ts";
import { Login } from "./pages/login.tsx";
import { Loading, ProblemNotice } from "./parts/notice.tsx";
import { place } from "./router.ts";
import { type Problem, problemIn } from "./server/request.ts";
import { askSession } from "./server/session.ts";
import { session } from "./server/session-store.ts";
import { Shell } from "./shell/shell.tsx";
import { useStore } from "./store.ts";

/** Who is it, first; then the page they came for. */
export function App() {
  const who = useStore(session);
  const { path } = useStore(place);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = () => {
    setProblem(null);
    askSession().catch((error) => setProblem(problemIn(error)));
  };
  useEffect(ask, []);
  const isLoggedIn = Boolean(who);
  // Whoever is logged in needs no link, and its token must not stay in the address.
  useEffect(() => (isLoggedIn ? onLinkToken(() => undefined) : undefined), [isLoggedIn]);
  if (problem && who === undefined)
    return (
      <main class="alone">
        <ProblemNotice problem={problem} onRetry={ask} />
      </main>
    );
  if (who === undefined)
    return (
      <main class="alone">
        <Loading />
      </main>
    );
  if (who === null || path === "/login") return <Login />;
  return <Shell who={who} path={path} />;
}
