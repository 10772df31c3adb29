import type { DeadLetter, DeadLetterHistory, Replay, ReplayResult } from "../incident/dead-letter.ts";
import { visibleLines, visibly } from "../incident/visible.ts";
import { textTable } from "./text-table.ts";

const iso = (at: number | null): string => (at === null ? "" : new Date(at).toISOString());

export function deadLetterTable(letters: readonly DeadLetter[]): string {
  const rows = letters.map((one) => [
    one.id,
    one.queue,
    one.kind,
    one.agentId ?? "",
    one.eventType ?? "",
    one.incidentId ?? "",
    iso(one.failedAt),
    String(one.attempts),
    String(one.replays.length),
    one.cause === null ? "" : `${one.cause.code}: ${shortened(one.cause.message)}`,
  ]);
  const heading = ["ID", "QUEUE", "KIND", "AGENT", "EVENT", "INCIDENT", "FAILED", "ATTEMPTS", "REPLAYS", "CAUSE"];
  return textTable([heading, ...rows]);
}

export function deadLetterLines(found: DeadLetterHistory): string {
  const one = visibly(found);
  return [
    `${one.id}  ${one.queue}  ${one.state === "failed" ? "failed for good" : `no dead letter any more: it is ${one.state}`}`,
    `was to do     ${one.kind}`,
    `agent         ${one.agentId ?? "none"}`,
    `incident      ${one.incidentId ?? "none"}`,
    `event         ${one.eventId === null ? "none" : `${one.eventId} ${one.eventType ?? "(forgotten by now)"}`}`,
    ...(one.cause === null ? [] : [`cause         ${one.cause.code}: ${one.cause.message}`]),
    `attempts      ${one.attempts}`,
    `added         ${iso(one.addedAt)}`,
    `first tried   ${iso(one.firstTriedAt) || "not known"}`,
    ...(one.failedAt === null ? [] : [`last tried    ${iso(one.failedAt)}`]),
    `data          ${JSON.stringify(one.data)}`,
    ...section("replays", one.replays.map(replayLine)),
    ...section("attempts", found.logs),
    ...section("stack traces", found.stacks),
  ].join("\n");
}

function replayLine({ number, at, by, reason, cause, outcome, endedAt, endCause }: Replay): string {
  const end = {
    done: `done ${iso(endedAt)}`,
    "failed-again": `failed again ${iso(endedAt)}: ${endCause?.code}: ${endCause?.message}`,
    "in-hand": "in hand",
    "not-begun": "never handed to the queue; replay it again",
  }[outcome];
  return `${number}. ${iso(at)} by ${by}: ${reason} (it had died of ${cause.code}: ${cause.message}); ${end}`;
}

export function replayLines(results: readonly ReplayResult[], more: boolean): string {
  if (results.length === 0) return "no dead letters match";
  const rows = results.map(({ id, queue, answer, detail }) => [id, queue, answer.replaceAll("-", " "), detail]);
  const rest = more ? ["Others match beyond the limit: run it again, or raise --limit."] : [];
  return [textTable([["ID", "QUEUE", "ANSWER", ""], ...rows]), ...rest].join("\n");
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0
    ? []
    : ["", `${title}:`, ...lines.map((line) => `  ${visibleLines(line).replaceAll("\n", "\n  ")}`)];

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
