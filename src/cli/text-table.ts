import { stripVTControlCharacters } from "node:util";

/** Columns as wide as their widest cell, for a terminal; colours take no room. The first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat(widths[column]! - widthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
