import { readStored } from "../../detect/event.ts";
import { eventTypeOf } from "../../detect/events/index.ts";
import { TourniquetError } from "../../errors.ts";
import type { StoredEvent } from "../../incident/inbox.ts";
import type { Told, TraceCounts } from "./trace.ts";

/** What the inbox recorded, as a replay takes it: deduplicated when it came in, and each with the time it arrived. */
export async function* readRecorded(events: AsyncIterable<StoredEvent>, counts: TraceCounts): AsyncGenerator<Told> {
  for await (const stored of events) {
    counts.lines += 1;
    if (!isReadable(stored)) {
      counts.bad += 1;
      continue;
    }
    counts.events += 1;
    if (eventTypeOf(stored.type) === undefined) counts.unknownTypes += 1;
    yield { line: counts.lines, stored };
  }
  if (counts.events === 0) throw new TourniquetError("not-found", "the inbox holds no events of that time");
}

/** Another version may have accepted what this one cannot read. */
function isReadable(stored: StoredEvent): boolean {
  try {
    readStored(stored);
    return true;
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "input-invalid") return false;
    throw error;
  }
}
