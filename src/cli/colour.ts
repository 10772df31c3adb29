import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colour on a terminal alone; NO_COLOR takes it away and FORCE_COLOR insists on it (node:util reads both). */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
