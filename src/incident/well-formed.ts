/** A character of two halves as JSON escapes it; half of one; any other escape. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|.)/gs;

/**
 * JSON as it came, each half of a character in its texts and names replaced by U+FFFD. No text in UTF-8 has one, but an escape in
 * JSON can say it; what Redis keeps, and what its scripts read ("invalid unicode escape code"), would be another text from there on.
 */
export function wellFormedJson(json: string): string {
  return json.replace(ESCAPE, (found, half) => (half === undefined ? found : "\\ufffd"));
}

/** The JSON of whatever is stored or handed to a script. Throws RangeError on what JSON cannot say. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new RangeError("no JSON value");
  return wellFormedJson(text);
}

/** At most so many UTF-16 units, no character cut in half. */
export function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}
