import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openQueues } from "../../src/queues/dispatch.ts";
import { queueNames } from "../../src/queues/jobs.ts";
import { queuePrefix } from "../../src/redis/keys.ts";
import { type Api, openApi, tokens } from "./api.ts";
import { bearer } from "./logging-in.ts";

const viewer = bearer(tokens.viewer);
const responder = bearer(tokens.responder);
let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

describe("Bull Board", () => {
  const board = async (path: string) => (await api.get(`/admin/queues/api/${path}`, viewer)).body;

  it("shows every queue and changes none", async () => {
    const page = await api.get("/admin/queues", viewer);
    expect(page.text).toContain("Tourniquet");
    const shown = (await board("queues")).queues as { name: string; readOnlyMode: boolean }[];
    expect(shown.map(({ name }) => name).sort()).toEqual([...queueNames].sort());
    expect(shown.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    for (const path of ["queues/freeze/pause", "queues/pause", "queues/freeze/1/update-data"]) {
      const write = await fetch(`${api.url}/admin/queues/api/${path}`, { method: "PUT", headers: responder });
      expect(write.status).toBe(405);
    }
    expect(await api.services.queues.of("freeze", 0).isPaused()).toBe(false);
  });

  it("reads no more than fifty jobs a page, however many are asked for", async () => {
    const bull = api.services.queues.of("notification", 0);
    await bull.addBulk(Array.from({ length: 60 }, (_, index) => ({ name: "page", data: { pageId: `p-${index}` } })));
    const shown = async (query: string) => {
      const { queues } = await board(`queues?activeQueue=notification&status=waiting&page=1&${query}`);
      const jobs = (queues as { name: string; jobs: unknown[] }[]).find(({ name }) => name === "notification")!.jobs;
      return jobs.length;
    };
    expect(
      await Promise.all(["jobsPerPage=20", "jobsPerPage=100000", "jobsPerPage=1&jobsPerPage=100000"].map(shown)),
    ).toEqual([20, 50, 1]);
  });

  it("shows every partition's", async () => {
    const partitioned = await openApi({
      tokens,
      joins: true,
      ports: ({ redis }) => ({ queues: openQueues(redis, 3, queuePrefix, () => undefined) }),
    });
    const { body } = await partitioned.get("/admin/queues/api/queues", viewer);
    const names = (body.queues as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(
      [0, 1, 2].flatMap((partition) => queueNames.map((name) => `${partition}-${name}`)).sort(),
    );
    await partitioned.close();
  });

  it("shows what a job is about, and nothing else that somebody put into it", async () => {
    const data = { incidentId: "inc-1", note: "whsec_hidden", shutdownFor: { agentId: "a-1", body: "hidden" } };
    await api.services.queues.of("contain", 0).add("contain", data, { jobId: "shown", delay: 60_000 });
    const shown = await board("queues/contain/shown");
    expect((shown.job as { data: unknown }).data).toEqual({ incidentId: "inc-1", shutdownFor: { agentId: "a-1" } });
    const listed = await board("queues?activeQueue=contain&status=delayed&page=1");
    expect(JSON.stringify(listed)).toContain("inc-1");
    expect(JSON.stringify([shown, listed])).not.toContain("hidden");
  });

  it("finds its own scripts under the policy it is served with", async () => {
    const page = await api.get("/admin/queues", viewer);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    const [script] = /static\/js\/main[^"]+/.exec(page.text) ?? [];
    expect((await api.get(`/admin/queues/${script}`, viewer)).status).toBe(200);
  });
});
