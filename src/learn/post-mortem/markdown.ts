export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${plain(line)}`).join("\n");

/** What came from outside must not become a heading, a table or a link of ours. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*[<|]/g, "\\$&")
    .replace(/(^|\W)(_)/g, "$1\\$2")
    .replace(/^([#>+-]|\d+[.)]) /, "\\$1 ");
}

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map((row) => line(row.map(plain)))].join("\n");
}
