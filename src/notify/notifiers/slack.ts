import { clipped } from "../notification.ts";
import type { Notifier, NotifierOptions } from "./notifier.ts";
import { answerIdOf, openPost } from "./post.ts";

/** Slack's own limits: a section's text, the blocks of a message. */
const SECTION = 3_000;
const MOST_SECTIONS = 45;
const MOST_LINE = 2_900;

const mends: Readonly<Record<number, string>> = {
  400: "Slack cannot read what it was sent, or its channel is gone; make a new incoming webhook if this persists",
  403: "an administrator forbids it: allow the incoming webhook, or make a new one and set SLACK_WEBHOOK_URL",
  404: "the incoming webhook was removed: make a new one and set SLACK_WEBHOOK_URL",
  410: "its channel is archived: make a new incoming webhook and set SLACK_WEBHOOK_URL",
};

/** An incoming webhook. */
export function openSlack({ url }: { url: string }, options: NotifierOptions): Notifier {
  const setting = "SLACK_WEBHOOK_URL";
  const mend = (status: number) => mends[status] ?? `make a new incoming webhook and set ${setting}`;
  const post = openPost({ channel: "slack", url, setting, mend }, options);
  return {
    name: "slack",
    async send({ notification: { priority, title, lines, link } }, limits) {
      const heading = `*${priority}* ${escaped(title)}`;
      const texts = [heading, ...sectionsOf(lines)];
      if (link !== null) texts.push(`<${escaped(link)}|Open>`);
      const blocks = texts.map((text) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } }));
      const text = `${priority} ${escaped(title)}`;
      return { answerId: answerIdOf(await post.send(JSON.stringify({ text, blocks }), {}, limits)) };
    },
    close: () => post.close(),
  };
}

/** So nothing of it is a mention, a link or a channel: <!channel> is text. verbatim keeps @here and addresses what they are. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Lines together as far as a section goes; what does not fit in the message is said to be missing. */
function sectionsOf(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines.map(lineOf)) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= SECTION)
      sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  if (sections.length <= MOST_SECTIONS) return sections;
  return [...sections.slice(0, MOST_SECTIONS), "… and more: see the incident"];
}

/** Cut before it is escaped, so that no entity is cut in half; an empty section is refused. */
function lineOf(line: string): string {
  for (let most = MOST_LINE; ; most = Math.floor(most / 2)) {
    const text = escaped(clipped(line, most));
    if (text.length <= MOST_LINE) return text || " ";
  }
}
