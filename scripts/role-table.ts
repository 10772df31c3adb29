/**
 * Writes into docs/security.md who may call what, from the operations themselves. A test keeps the file in step:
 * node scripts/role-table.ts writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { endpoints } from "../src/http/api/index.ts";
import { roles, rolesFor } from "../src/incident/credentials.ts";

const target = new URL("../docs/security.md", import.meta.url);
const [BEGIN, END] = ["<!-- operations: node scripts/role-table.ts writes this -->", "<!-- end of operations -->"];

/** The document with the table as it must be. */
export function withRoleTable(document: string): string {
  const rows = endpoints.map((one) => {
    const may = rolesFor(one.role);
    const marks = roles.map((role) => (may.includes(role) ? "yes" : ""));
    const fresh = one.freshLogin ? " (fresh login)" : "";
    return `| \`${one.method.toUpperCase()} ${one.path}\`${fresh} | ${marks.join(" | ")} |`;
  });
  const table = [`| Operation | ${roles.join(" | ")} |`, `|---|${roles.map(() => "---|").join("")}`, ...rows].join(
    "\n",
  );
  const [before, rest = ""] = document.split(BEGIN, 2);
  return `${before}${BEGIN}\n\n${table}\n\n${END}${rest.slice(rest.indexOf(END) + END.length)}`;
}

if (import.meta.main) writeFileSync(target, withRoleTable(readFileSync(target, "utf8")));
