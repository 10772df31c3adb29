import { describe, expect, it } from "vitest";
import { withoutCommands } from "../../src/console/words/commands.ts";
import { fieldName, fieldText } from "../../src/console/words/fields.ts";
import { tokenIn } from "../../src/console/words/fragment.ts";
import { match, safePath } from "../../src/console/words/match.ts";

describe("an address of the console", () => {
  it("names the page and what it is about", () => {
    expect(match("/incidents/:id", "/incidents/inc-0-a-1")).toEqual({ id: "inc-0-a-1" });
    expect(match("/dead-letters/:queue/:id", "/dead-letters/contain/a%20b/")).toEqual({ queue: "contain", id: "a b" });
  });

  it("is of no page where a part is missing, too many or unreadable", () => {
    expect(match("/incidents/:id", "/incidents")).toBe(null);
    expect(match("/incidents/:id", "/incidents/a/b")).toBe(null);
    expect(match("/incidents/:id", "/incidents/%")).toBe(null);
  });
});

describe("where a login leads", () => {
  it.each(["/", "/incidents/inc-0-a-1?x=1", "/admin/queues"])("is what was asked for: %s", (path) =>
    expect(safePath(path)).toBe(path),
  );
  it.each([
    ...[null, "https://evil.example", "//evil.example", "/\\evil.example", "/login", "/login?then=/login", "x"],
    ...[
      "/\t/evil.example",
      "/\n/evil.example",
      "/.//evil.example",
      "/x/..//evil.example",
      "/./\\evil.example",
      "/./login",
    ],
  ])("is the first page instead of %j", (path) => expect(safePath(path)).toBe("/"));
});

describe("the fragment of a link", () => {
  it("has the token, or none", () => {
    expect(tokenIn("#token=tqt_a-b_c")).toBe("tqt_a-b_c");
    expect(tokenIn("")).toBe(null);
    expect(tokenIn("#token=")).toBe(null);
    expect(tokenIn("#main")).toBe(null);
  });
});

describe("a sentence that also stands in a terminal", () => {
  it("leaves the command out on a page that has a button for it", () => {
    expect(withoutCommands("Then ask for recovery anew: npx tourniquet incidents recover inc-0-a-1.")).toBe(
      "Then ask for recovery anew.",
    );
    expect(withoutCommands("Watch it (npx tourniquet incidents show inc-0-a-1)")).toBe("Watch it");
    expect(withoutCommands("Deploy the fix.")).toBe("Deploy the fix.");
  });
});

describe("a field of a receipt or a signal", () => {
  it("is named as people write it, its unit in the value", () => {
    expect(fieldName("identicalWindowMs")).toBe("identical window");
    expect(fieldText("identicalWindowMs", 60_000)).toBe("1 min");
    expect(fieldText("criticalDropPct", 30)).toBe("30 %");
    expect(fieldText("dailyCap", "1000.00")).toBe("$1,000.00");
    expect(fieldText("dailyCap", null)).toBe("none");
    expect(fieldText("effectiveAt", 1_795_357_863_226)).toBe("2026-11-22 14:31:03.226 UTC");
  });

  it("keeps what has no form of its own", () => {
    expect(fieldText("count", 8)).toBe("8");
    expect(fieldText("payee", "flaky-upstream")).toBe("flaky-upstream");
    expect(fieldText("failed", false)).toBe("no");
    expect(fieldText("payees", [{ payee: "x" }])).toBe('[{"payee":"x"}]');
  });
});
