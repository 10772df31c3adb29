import type { DeadLetter, Replay } from "./dead-letter.ts";
import { iso } from "./iso.ts";

/** A dead letter, or its whole history, as API and CLI show it: times as ISO 8601 text. */
export function presentDeadLetter<L extends DeadLetter>(letter: L) {
  return {
    ...letter,
    addedAt: iso(letter.addedAt),
    firstTriedAt: iso(letter.firstTriedAt),
    failedAt: iso(letter.failedAt),
    replays: letter.replays.map(presentReplay),
  };
}

function presentReplay(replay: Replay) {
  return { ...replay, at: iso(replay.at), failedAt: iso(replay.failedAt), endedAt: iso(replay.endedAt) };
}
