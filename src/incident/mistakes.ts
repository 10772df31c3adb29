import type { z } from "zod";

/** What a schema refused, field by field; what it does not know is named one by one. body: it is about no field. */
export function mistakesOf(issues: z.core.$ZodIssue[]): { field: string; problem: string }[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") return [{ field: path || "body", problem: issue.message }];
    return issue.keys.map((key) => ({ field: path ? `${path}.${key}` : key, problem: "is not known here" }));
  });
}

/** "by must say who; limit is not known here" */
export function inOneLine(mistakes: readonly { field: string; problem: string }[]): string {
  return mistakes.map(({ field, problem }) => `${field} ${problem}`).join("; ");
}
