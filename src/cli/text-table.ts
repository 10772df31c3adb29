import { visible } from "../incident/visible.ts";
import { paint } from "./colour.ts";

/** Colour is the table's to give: whatever stands in a text is shown, not obeyed. */
export type Cell = string | { text: string; style: Parameters<typeof paint>[0] };

/** Columns as wide as their widest cell, for a terminal; colours take no room. The first row is the heading. */
export function textTable(rows: readonly (readonly Cell[])[]): string {
  const seen = rows.map((row) => row.map((cell) => visible(textOf(cell))));
  const widths = seen[0]!.map((_, column) => Math.max(...seen.map((row) => row[column]!.length)));
  return seen
    .map((row, index) =>
      row
        .map((text, column) => shown(text, rows[index]![column]!) + " ".repeat(widths[column]! - text.length))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
const shown = (text: string, cell: Cell): string => (typeof cell === "string" ? text : paint(cell.style, text));
