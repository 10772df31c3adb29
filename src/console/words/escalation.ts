import type { Channel } from "../../incident/escalation.ts";
import { channelName } from "../../incident/plain-words.ts";
import { listed } from "./names.ts";

/** Of the level that is due next; not configured: its policy names them too, and nobody is there. */
export interface NextLevel {
  to: readonly Channel[];
  notConfigured: readonly Channel[] | null;
}

/** "Slack is told next", "Nobody can be told next". */
export function toldNext({ to }: NextLevel): string {
  if (to.length === 0) return "Nobody can be told next";
  return `${capital(named(to))} ${to.length === 1 ? "is" : "are"} told next`;
}

/** What taking it on spares whom. */
export function toldNoMore(next: NextLevel | null | undefined): string {
  if (!next) return "Nobody else will be told.";
  if (next.to.length === 0) return `Nobody else can be told. ${notThere(next)}`.trimEnd();
  return `${capital(named(next.to))} will not be told any more.`;
}

/** "The webhook is not configured."; nothing where all are, or nobody knows. */
export function notThere({ notConfigured }: NextLevel): string {
  if (notConfigured === null || notConfigured.length === 0) return "";
  return `${capital(named(notConfigured))} ${notConfigured.length === 1 ? "is" : "are"} not configured.`;
}

const named = (channels: readonly Channel[]): string => listed(channels.map(channelName), channels.length);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
