import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedAt } from "../queues/dead-world.ts";
import { createWorld, type World } from "../support/world.ts";
import { runCommand } from "./run-command.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: [], ticker: false });
  for (const jobId of ["contain-a", "contain-b"]) {
    await failedAt(world.services, "contain", jobId, { incidentId: "inc-0-a-1" }, Date.now() - 60_000);
  }
});
afterAll(() => world.close());

const ask = (...args: string[]) => runCommand("dead-letters", ...args);
const who = ["--by", "ada", "--reason", "the key was renewed"];

describe("tourniquet dead-letters", () => {
  it("lists what failed for good, shows one, replays it, and says what came of that", async () => {
    const [list, json] = await Promise.all([ask("list", "--since", "2h"), ask("list", "--limit", "1", "--json")]);
    expect(list.out).toMatch(/^ID +QUEUE +KIND.*\ncontain-b +contain +contain .*gateway-refused: 403\ncontain-a/);
    expect(JSON.parse(json.out)).toMatchObject({ deadLetters: [{ id: "contain-b" }], next: expect.any(String) });
    const dry = await ask("replay", "--queue", "contain", "--dry-run", ...who);
    expect([dry.code, dry.out.match(/would replay/g)?.length]).toEqual([0, 2]);
    const done = await ask("replay", "contain-a", "--json", ...who);
    expect(JSON.parse(done.out)).toMatchObject({ results: [{ id: "contain-a", answer: "replayed" }], more: false });
    const [again, shown] = await Promise.all([ask("replay", "contain-a", ...who), ask("show", "contain-a")]);
    expect(again.out).toMatch(/contain-a +contain +no longer failed +it is waiting/);
    expect(shown.out).toContain("no dead letter any more: it is waiting");
    expect(shown.out).toMatch(/1\. \S+ by ada: the key was renewed \(it had died of gateway-refused: 403\); in hand/);
  }, 60_000);

  it("says what is missing or wrong, and how to go on", async () => {
    const [unsaid, all, wrong, never] = await Promise.all([
      ask("replay", "contain-b"),
      ask("replay", ...who),
      ask("list", "--since", "yesterday"),
      ask("show", "contain-z"),
    ]);
    expect(unsaid.err).toContain("required option '--by <name>'");
    expect(all.err).toContain("Say which to replay: id must be said, or a filter");
    expect(wrong.err).toContain("must be a time such as 2026-11-22T02:00:00Z, or 30m, 2h, 3d ago");
    expect(never.err).toContain("dead-letters list shows what there is");
    expect([unsaid, all, wrong, never].every(({ code }) => code > 0)).toBe(true);
  }, 60_000);
});
