import { loose, type Rein, type Reins, strictest } from "./agent-control.ts";
import type { Mark } from "./marks.ts";

/** What an incident can ask of an agent, as its marks say it. Each is about one rein. */
export const asks = {
  "tools-none": { rein: "tools", to: { tools: "none" } },
  "tools-read-only": { rein: "tools", to: { tools: "read-only" } },
  isolated: { rein: "isolated", to: { isolated: true } },
  paused: { rein: "paused", to: { paused: true } },
} as const satisfies Record<string, { rein: Rein; to: Partial<Reins> }>;
export type Ask = keyof typeof asks;

export const isAsk = (what: string): what is Ask => what in asks;

/** What all incidents together ask of this agent now. */
export function wantedOf(marks: readonly Mark[]): Reins {
  return strictest(...marks.flatMap(({ what, withdrawn }) => (withdrawn || !isAsk(what) ? [] : [asks[what].to])));
}

/** How this rein was before the first mark; undefined where nobody could see it. */
export function before(marks: readonly Mark[], rein: Rein): Partial<Reins> | undefined {
  const first = marks.find(({ what, before: known }) => isAsk(what) && asks[what].rein === rein && known !== undefined);
  return first?.before === undefined ? undefined : (JSON.parse(first.before) as Partial<Reins>);
}

/** Where each rein belongs now: at what is asked, or at how it was before, whichever is the stricter. */
export function belongs(marks: readonly Mark[]): Reins {
  const were = (Object.keys(loose) as Rein[]).map((rein) => before(marks, rein) ?? {});
  return strictest(wantedOf(marks), ...were);
}

/** Whether any mark is about this rein: then the platform shows what was asked, not how it was before. */
export function isHeldBy(marks: readonly Mark[], rein: Rein): boolean {
  return marks.some(({ what }) => isAsk(what) && asks[what].rein === rein);
}
