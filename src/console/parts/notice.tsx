import type { ComponentChildren } from "preact";
import type { Problem } from "../server/request.ts";
import type { Tone } from "./badge.tsx";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** A sentence that stands out. alert: read out at once. */
export function Notice({ tone, isAlert, children }: { tone: Tone; isAlert?: boolean; children: ComponentChildren }) {
  return (
    <div class="notice" data-tone={tone} role={isAlert ? "alert" : undefined}>
      <Icon name={tone === "ok" ? "check" : "alert"} />
      <div>{children}</div>
    </div>
  );
}

/** What went wrong, every mistake named; those of a form stand at their fields as well (parts/field.tsx). */
export function ProblemNotice({ problem, onRetry }: { problem: Problem | null; onRetry?: () => void }) {
  if (problem === null) return null;
  const other = problem.errors.filter(({ problem: what }) => !problem.detail.includes(what));
  return (
    <Notice tone="danger" isAlert>
      <p>{problem.detail}</p>
      {other.length > 0 && (
        <ul>
          {other.map(({ field, problem: what }) => (
            <li key={field}>
              <strong>{field}</strong> {what}
            </li>
          ))}
        </ul>
      )}
      {problem.retryAfterSec !== null && <p>Try again in {problem.retryAfterSec} s.</p>}
      {onRetry && (
        <p>
          <Button onClick={onRetry}>Try again</Button>
        </p>
      )}
    </Notice>
  );
}

/** Nothing is there, and why that is good or what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Holds the place until the first answer. */
export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="loading-line" />
      ))}
    </div>
  );
}
