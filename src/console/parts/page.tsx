import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../server/request.ts";
import { Icon } from "./icon.tsx";
import { Link } from "./link.tsx";
import { Loading, ProblemNotice } from "./notice.tsx";

interface PageProps {
  title: string;
  /** The title of the tab, where it is another: what is seen of it there is its beginning. */
  tab?: string;
  /** Beside the title on a desktop, below it on a phone. */
  actions?: ComponentChildren;
  /** Where "up" leads. */
  up?: { href: string; label: string };
  children: ComponentChildren;
}

/** The frame of every page: one h1, and what belongs to it. */
export function Page({ title, tab = title, actions, up, children }: PageProps) {
  useEffect(() => {
    document.title = `${tab} · Tourniquet`;
  }, [tab]);
  return (
    <div class="page">
      <header class="page-head">
        {up && (
          <Link href={up.href} class="page-up">
            <Icon name="back" size={16} />
            {up.label}
          </Link>
        )}
        <div class="page-title">
          <h1>{title}</h1>
          {actions}
        </div>
      </header>
      {children}
    </div>
  );
}

interface LoadedProps<T> {
  loaded: { data: T | undefined; problem: Problem | null; reload(): void };
  children(data: T): ComponentChildren;
}

/** What was loaded; until then its place, and what went wrong above what was known before. */
export function Loaded<T>({ loaded: { data, problem, reload }, children }: LoadedProps<T>) {
  if (data === undefined) return problem ? <ProblemNotice problem={problem} onRetry={reload} /> : <Loading />;
  return (
    <>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {children(data)}
    </>
  );
}
