import type { Priority } from "../incident/incident.ts";
import type { PageKind } from "../incident/jobs.ts";
import { cut } from "../incident/well-formed.ts";

/** What a person is told (N3): what happened, dollars at risk, what was done, what is left. */
export interface Notification {
  kind: PageKind | "test";
  /** What becomes of the alert where a channel keeps one; note: nothing, it is only to be read. */
  action: "trigger" | "acknowledge" | "resolve" | "note";
  /** The same trouble is one alert: an incident's id, where it is about one. */
  dedupKey: string;
  priority: Priority;
  /** One line, at most 250 characters. */
  title: string;
  lines: readonly string[];
  agentId: string | null;
  incidentId: string | null;
  /** Null without PUBLIC_URL. */
  link: string | null;
}

const TITLE = 250;
const LINE = 2_000;
const MOST_LINES = 200;

/** Much of a text was chosen by agents: nothing in it may break a line, hide or turn what stands beside it. */
export function compose(notification: Notification): Notification {
  return {
    ...notification,
    title: clipped(plain(notification.title), TITLE),
    lines: notification.lines.slice(0, MOST_LINES).map((line) => clipped(plain(line), LINE)),
  };
}

function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .replace(/[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "")
    .trim();
}

/** At most so many UTF-16 units, no character cut in half. */
export function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${cut(text, most - 1)}…`;
}
