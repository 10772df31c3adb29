import type { Diagnosis, Finding } from "../doctor/doctor.ts";
import { type State, sections } from "../doctor/item.ts";
import { paint } from "./colour.ts";

const marks: Readonly<Record<State, () => string>> = {
  ok: () => paint("green", "ok  "),
  warn: () => paint("yellow", "warn"),
  fail: () => paint(["bold", "red"], "FAIL"),
};

/** Section by section; of what is as it should be one line, of the rest all that was found and how to mend it. */
export function doctorLines({ findings, counts, isReady }: Diagnosis): string {
  const parts = sections.map((section) => {
    const own = findings.filter((finding) => finding.section === section);
    return [paint("bold", section), ...own.flatMap(findingLines)].join("\n");
  });
  const sum = `${counts.ok} ok, ${counts.warn} ${counts.warn === 1 ? "warning" : "warnings"}, ${counts.fail} failed`;
  const verdict = isReady ? paint("green", "Ready") : paint("red", "Not ready");
  return [...parts, `${verdict}: ${sum}`].join("\n\n");
}

function findingLines({ id, title, state, found, mend, lines = [] }: Finding): string[] {
  const told = state === "ok" && id !== "signals" && id !== "timing" ? [] : lines;
  return [
    `  ${marks[state]()}  ${id.padEnd(11)} ${title}`,
    `        ${found}`,
    ...told.map((line) => paint("dim", `          ${line}`)),
    ...(mend === null ? [] : [`        ${paint("cyan", "mend:")} ${mend}`]),
  ];
}
