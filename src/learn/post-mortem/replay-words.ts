import { channels } from "../../incident/escalation.ts";
import type { TimelineEntry } from "../../incident/incident.ts";
import type { QueueName } from "../../incident/jobs.ts";
import { channelName } from "../../incident/plain-words.ts";
import { word } from "./step-words.ts";

/** What a job of each queue is about, to somebody who does not know the queues. */
const work: Readonly<Record<QueueName, string>> = {
  freeze: "the freeze",
  contain: "the containment",
  correlate: "the reading of its events",
  forensics: "the gathering of evidence",
  notification: "a message to people",
  recovery: "its recovery",
  watch: "a look at it",
};

/** "ada had the message to Slack sent again (replay 2): slack mended." */
export function replayed({ queue, jobId, replay, by, reason }: TimelineEntry["detail"]): string {
  const who = word(by) || "Somebody";
  const nth = word(replay) === "" ? "" : ` (replay ${word(replay)})`;
  const why = word(reason) === "" ? "" : `: ${word(reason).replace(/[.\s]+$/, "")}`;
  // pagerduty-secondary ends like no other; of two that fit the longer one is meant.
  const channel = [...channels]
    .sort((a, b) => b.length - a.length)
    .find((one) => queue === "notification" && word(jobId).endsWith(`-${one}`));
  const did = channel
    ? `the message to ${channelName(channel)} sent again`
    : `${(work as Readonly<Record<string, string>>)[word(queue)] ?? "a job that had failed for good"} tried again`;
  return `${who} had ${did}${nth}${why}.`;
}
