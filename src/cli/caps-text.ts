import { capsInWords, sourceInWords } from "../incident/caps-in-words.ts";
import type { CapsToGiveBack } from "../recover/caps-to-give-back.ts";

/** What a stand-down gives back at once, and a recovery step by step; nothing where nothing was taken. */
export function capsLines(caps: CapsToGiveBack | null): string[] {
  if (!caps?.isTaken) return [];
  const said = capsInWords(caps);
  if (said === null) return ["caps        nobody saw them: whoever stands it down or recovers it is asked for them"];
  return [`caps        ${said} come back, ${sourceInWords(caps, (at) => `at ${at}`)}`];
}
