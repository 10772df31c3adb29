import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withRoleTable } from "../../scripts/role-table.ts";

describe("docs/security.md", () => {
  it("tells of every operation who may call it; node scripts/role-table.ts writes it anew", () => {
    const text = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
    expect(text).toContain("| `POST /api/tokens` (fresh login) |");
    expect(text).toBe(withRoleTable(text));
  });
});
