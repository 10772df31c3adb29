import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { DrillState } from "../../src/incident/drills.ts";
import { type Api, openApi, tokens } from "../http/api.ts";
import { listenLive } from "../support/listen-live.ts";
import { descendantsOf, stillRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const admin = { authorization: `Bearer ${tokens.admin}` };
const redisUrl = () => `${inject("redisUrl")}/${process.env.VITEST_POOL_ID ?? "0"}`;

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

const post = (body: object, headers: Record<string, string> = admin) =>
  api.post(body, { path: "/api/drills", headers });
const run = async (scenario: string) => {
  const answer = await post({ scenario, by: "ada" });
  expect(answer).toMatchObject({ status: 202, body: { wanted: [scenario] } });
  return String(answer.body.id);
};
const shown = async (id: string) => (await api.get(`/api/drills/${id}`, admin)).body;
const untilIs = (id: string, ...states: DrillState[]) =>
  until(
    async () => states.includes((await shown(id)).state as DrillState) && shown(id),
    `${id} ${states}`,
    60_000,
    100,
  );

describe("a drill that is ordered over HTTP", () => {
  it("runs alone, is told of live, and its score is there for everybody who looks", async () => {
    const listener = await listenLive(api.url, admin);
    const id = await run("poisoned-sequence");
    await listener.hears("drills");
    expect(await shown(id)).toMatchObject({ state: "running", by: "ada", via: "api", results: [] });
    expect(await post({ scenario: "runaway", by: "bob" })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(`${id} is running`) },
    });
    const over = await untilIs(id, "passed", "failed", "interrupted");
    expect(over).toMatchObject({
      ...{ state: "passed", problem: null, version: expect.stringMatching(/^\d/) },
      results: [{ drill: "poisoned-sequence", verdict: "passed", score: { drill: "poisoned-sequence", lost: "0.00" } }],
    });
    const { drills } = (await api.get("/api/drills", admin)).body as { drills: { id: string }[] };
    expect(drills.map((one) => one.id)).toContain(id);
    listener.close();
  });

  it("is interrupted where its process is killed, leaves nothing running, and the next one may begin", async () => {
    const before = descendantsOf(process.pid);
    const id = await run("runaway");
    const started = () => [...descendantsOf(process.pid)].filter(([pid]) => !before.has(pid));
    const drill = await until(async () => started().find(([, what]) => what.includes("drill")), "its process");
    await until(async () => started().length > 2, "its Redis", 30_000);
    const all = new Map(started());
    process.kill(drill[0], "SIGKILL");
    expect(await untilIs(id, "interrupted")).toMatchObject({ results: [] });
    await until(async () => stillRunning(all).length === 0, "everything of it to end", 15_000);
    // Ended with this process, and not waited for.
    await run("poisoned-sequence");
  });

  it("is refused where this machine has no redis-server, with what to do about it", async () => {
    const { PATH } = process.env;
    process.env.PATH = "/nowhere";
    try {
      expect(await post({ scenario: "runaway", by: "ada" })).toMatchObject({
        status: 409,
        body: {
          detail: expect.stringMatching(/neither redis-server nor valkey-server .*: install one here, or run npx/),
        },
      });
    } finally {
      process.env.PATH = PATH;
    }
  });

  it.each([
    [{ scenario: "no-such", by: "ada" }, "scenario"],
    [{ by: "ada" }, "scenario"],
    [{ scenario: "runaway" }, "by"],
  ])("is refused of %j, and %s is named", async (body, field) => {
    expect(await post(body)).toMatchObject({ status: 422, body: { errors: [expect.objectContaining({ field })] } });
  });

  it("needs an admin; a viewer may read which there are", async () => {
    const viewer = { authorization: `Bearer ${tokens.viewer}` };
    expect((await post({ scenario: "runaway", by: "ada" }, viewer)).status).toBe(403);
    const { scenarios } = (await api.get("/api/drills/scenarios", viewer)).body as { scenarios: { name: string }[] };
    expect(scenarios.map(({ name }) => name)).toContain("runaway");
    expect((await api.get("/api/drills/drill-999", viewer)).status).toBe(404);
  });
});

describe("a drill on the command line", () => {
  const drill = async (url: string, ...args: string[]) => {
    const { PATH = "", HOME = "" } = process.env;
    const child = spawn(process.execPath, [main, "drill", "poisoned-sequence", ...args], {
      env: { PATH, HOME, REDIS_URL: url },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => (said += String(chunk)));
    const [status] = await once(child, "close");
    return { status, said };
  };
  const kept = async () => (await api.services.drills.page({ limit: 100, after: null })).rows;

  it("is recorded in the Redis of the product, unless it is not to be or that Redis is away; it runs all the same", async () => {
    const before = (await kept()).length;
    const [recorded, unrecorded, unreachable] = await Promise.all([
      drill(redisUrl()),
      drill(redisUrl(), "--no-record"),
      drill("redis://127.0.0.1:1"),
    ]);
    expect([recorded, unrecorded, unreachable].map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(unreachable.said).toMatch(/the results are not recorded: Redis does not answer at redis:\/\/127\.0\.0\.1:1/);
    expect(recorded.said + unrecorded.said).not.toContain("not recorded");
    const now = await kept();
    expect(now).toHaveLength(before + 1);
    expect(now[0]).toMatchObject({
      ...{ via: "cli", state: "passed", wanted: ["poisoned-sequence"], results: [{ verdict: "passed" }] },
    });
  });
});
