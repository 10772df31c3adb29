import { textTable } from "../text-table.ts";
import type { DrillScore } from "./score.ts";

/** One line a drill, for a terminal; whatever failed says why below. */
export function drillTable(scores: readonly DrillScore[]): string {
  const heading = [
    ...["DRILL", "DETECTED", "BY", "TO FREEZE", "AT FREEZE", "RECOVERED", "LOST", "FALSE FREEZES", "VERDICT"],
  ];
  const failed = scores.filter(({ verdict }) => verdict === "failed");
  const benign = scores.filter(({ expects }) => expects === null);
  const troubles = scores.length - benign.length;
  const caught = scores.filter(({ detected }) => detected === "yes").length;
  return [
    textTable([heading, ...scores.map(row)]),
    "",
    ...failed.flatMap(({ drill, reasons, because }) => [
      ...reasons.map((reason) => `  ${drill}: ${reason}`),
      ...because.map((sentence) => `  ${drill}: concluded that ${sentence}`),
    ]),
    ...(failed.length > 0 ? [""] : []),
    `${scores.length - failed.length} of ${scores.length} drills passed: ${caught} of ${troubles} troubles caught, ` +
      `${scores.filter(({ falseFreezes }) => falseFreezes.length > 0).length} with a false freeze`,
  ].join("\n");
}

function row(score: DrillScore): string[] {
  return [
    score.drill,
    score.detected,
    signalOf(score),
    score.timeToFreezeMs === null ? "-" : `${score.timeToFreezeMs} ms`,
    score.atFreeze ?? "-",
    score.recovered,
    score.lost,
    score.falseFreezes.length === 0 ? "0" : `${score.falseFreezes.length}: ${score.falseFreezes.join(" ")}`,
    score.verdict,
  ];
}

/** The one it is about where it was heard, else whatever contained somebody. */
function signalOf({ expects, detected, signals }: DrillScore): string {
  if (detected === "yes") return expects!;
  return signals.length === 0 ? "-" : signals.join(" ");
}
