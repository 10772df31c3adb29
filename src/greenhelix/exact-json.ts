import { wellFormedJson } from "../incident/well-formed.ts";

/** Digits a double holds for certain; a longer number is kept as the text it came as. */
const LONG_NUMBER = /\d[\d.]{15,}/;

/**
 * JSON whose numbers keep every digit: one too long for a double becomes a string, so that no amount is rounded before
 * money.ts sees it, and whose texts are whole characters. Throws SyntaxError.
 */
export function parseExactJson(json: string): unknown {
  const text = wellFormedJson(json);
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" && context?.source !== undefined && LONG_NUMBER.test(context.source)
      ? context.source
      : value;
  return JSON.parse(text, keepDigits);
}
