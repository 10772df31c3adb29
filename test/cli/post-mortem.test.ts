import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postMortemSchema } from "../../src/incident/post-mortem.ts";
import { openRequest } from "../redis/open-request.ts";
import { openStores, type Stores } from "../redis/open-stores.ts";
import { type CommandRun, runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "tourniquet-post-mortem-"));
const file = join(folder, "draft.md");
let stores: Stores;
let id: string;
/** A process takes a second to start: all of them at once, before the first look. */
let ran: Record<"text" | "json" | "out" | "nowhere" | "unknown" | "both", CommandRun>;
beforeAll(async () => {
  stores = await openStores();
  id = (await stores.incidents.open(openRequest())).incidentId;
  const run = (...args: readonly string[]) => runCommand("incidents", "post-mortem", ...args);
  const [text, json, out, nowhere, unknown, both] = await Promise.all([
    run(id),
    run(id, "--json"),
    run(id, "--markdown", "--out", file),
    run(id, "--out", join(folder, "none", "x.md")),
    run("inc-0-aaaaaaaaaaaa-9"),
    run(id, "--markdown", "--json"),
  ]);
  ran = { text, json, out, nowhere, unknown, both };
}, 60_000);
afterAll(async () => {
  await stores.close();
  rmSync(folder, { recursive: true });
});

describe("tourniquet incidents post-mortem", () => {
  it("is Markdown to read, a draft while the incident is open", () => {
    expect([ran.text.code, ran.text.err]).toEqual([0, ""]);
    expect(ran.text.out).toMatch(/^# Draft: agent-7 opened one escrow after another\n/);
    expect(ran.text.out).toContain("**What it cost.**");
  });

  it("with --json is the document that the API shows", () => {
    expect(postMortemSchema.parse(JSON.parse(ran.json.out))).toMatchObject({ incidentId: id, isDraft: true });
  });

  it("with --out is written there, and says so", () => {
    expect([ran.out.code, ran.out.out]).toEqual([
      0,
      `draft of the post-mortem (the incident is still open) written to ${file}`,
    ]);
    expect(readFileSync(file, "utf8")).toMatch(/^# Draft: /);
  });

  it.each([
    ["nowhere", 2, /^tourniquet: cannot write .*none\/x\.md: ENOENT/],
    ["unknown", 1, /^tourniquet: no incident inc-0-aaaaaaaaaaaa-9: npx tourniquet incidents list shows them$/],
    ["both", 2, /^tourniquet: --markdown and --json: choose one of them$/],
  ] as const)("is refused in one line: %s, with %i", (which, status, expected) => {
    const { code, out, err } = ran[which];
    expect([code, out]).toEqual([status, ""]);
    expect(err).toMatch(expected);
  });
});
