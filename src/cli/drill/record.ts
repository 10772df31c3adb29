import { userInfo } from "node:os";
import { openDrillBook } from "../../drill-book.ts";
import { describeError } from "../../errors.ts";
import { BEAT_EVERY_MS, type DrillResult, type DrillState, type Drills, stateOf } from "../../incident/drills.ts";
import { version } from "../../version.ts";

/** Where results go while drills run. Whatever becomes of it, the drills go on. */
export interface DrillRecord {
  add(result: DrillResult): Promise<void>;
  /** left: without a state of its own what was added decides. */
  end(left?: Extract<DrillState, "interrupted">): Promise<void>;
}

export const noRecord: DrillRecord = { add: async () => undefined, end: async () => undefined };

/**
 * Begins a run in the Redis of the product that is running, so that its console and API show it. redisUrl undefined: none is
 * known, and nothing is recorded. `warn` hears why it could not be.
 */
export async function beginRecord(
  redisUrl: string | undefined,
  wanted: readonly string[],
  warn: (line: string) => void,
): Promise<DrillRecord> {
  if (redisUrl === undefined || redisUrl === "") return noRecord;
  try {
    const book = await openDrillBook(redisUrl);
    const { id } = await book.drills.begin(
      { wanted, by: userName(), via: "cli", version: version() },
      { isAlone: false },
    );
    return recordOf(book, id, wanted, warn);
  } catch (error) {
    warn(`the results are not recorded: ${describeError(error).message} (--no-record says so beforehand)`);
    return noRecord;
  }
}

function recordOf(
  { drills, close }: { drills: Drills; close(): void },
  id: string,
  wanted: readonly string[],
  warn: (line: string) => void,
): DrillRecord {
  const results: DrillResult[] = [];
  const kept = (work: Promise<void>) =>
    work.catch((error: unknown) => warn(`not recorded: ${describeError(error).message}`));
  const beat = setInterval(() => void kept(drills.beat(id)), BEAT_EVERY_MS).unref();
  return {
    async add(result) {
      results.push(result);
      await kept(drills.record(id, result));
    },
    async end(left) {
      clearInterval(beat);
      await kept(drills.end(id, left ?? stateOf(wanted, results), null));
      close();
    },
  };
}

/** A user id without a name is what containers have. */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
