import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overruleTunings } from "../../src/learn/tuning/overrule.ts";
import { openServices, type Services } from "../../src/services.ts";
import { readSettings, thresholdsFor } from "../../src/settings/settings.ts";
import { openRequest } from "../redis/open-request.ts";
import { listenLive } from "../support/listen-live.ts";
import { until } from "../support/until.ts";
import { type Api, openApi, tokens } from "./api.ts";

const as = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
let api: Api;
/** Another process, as a worker is. */
let other: Services;
let id: string;
let incidentId: string;
beforeAll(async () => {
  api = await openApi({ tokens });
  other = await openServices(api.services.config, readSettings(undefined, {}), "other", "worker");
  ({ incidentId } = await other.incidents.open(openRequest({ agentId: "a" })));
  const change = { path: "costAnomaly.sigmas", direction: "tighter", from: 2, to: 1.5, fileValue: 2 } as const;
  const { tuning } = await other.tunings.propose({ agentId: "a", incidentId, reason: "late", ...change });
  ({ id } = tuning);
});
afterAll(async () => {
  await other.close();
  await api.close();
});

const sigmas = ({ settings }: Services) => thresholdsFor(settings, "a").costAnomaly.sigmas;
async function decide(verb: string, body: unknown, token = tokens.admin, which = id) {
  const answer = await fetch(`${api.url}/api/tunings/${which}/${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...as(token) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const order = { by: "ada", reason: "seen it twice" };

describe("tunings over HTTP", () => {
  it("are read by a viewer and decided by an admin alone, who says who and why", async () => {
    const { body } = await api.get("/api/tunings", as(tokens.viewer));
    expect(body.tunings).toEqual([expect.objectContaining({ id, state: "open", from: 2, to: 1.5, decidedAt: null })]);
    expect((await api.get(`/api/tunings/${id}`, as(tokens.viewer))).body).toMatchObject({ id, incidentId });
    expect((await api.get("/api/tunings/tun-none", as(tokens.viewer))).status).toBe(404);
    expect((await decide("approve", order, tokens.responder)).status).toBe(403);
    expect((await decide("approve", {})).body).toMatchObject({
      status: 422,
      errors: [{ field: "by" }, { field: "reason" }],
    });
    expect((await decide("approve", order, tokens.admin, "tun-none")).status).toBe(404);
    expect((await decide("withdraw", order)).status).toBe(409);
  });

  it("are in force in every process within seconds of a yes, without a restart, and shown in the settings", async () => {
    const listener = await listenLive(api.url);
    expect(await decide("approve", order)).toMatchObject({
      status: 200,
      body: { state: "approved", decidedBy: "ada" },
    });
    // Whoever asks for the settings when they hear of the yes itself may be too early.
    await listener.hears("settings");
    listener.close();
    await until(async () => sigmas(other) === 1.5 && sigmas(api.services) === 1.5, "both processes to have it", 5_000);
    const { body } = await api.get("/api/settings", as(tokens.viewer));
    expect(body).toMatchObject({
      tuned: [{ path: "thresholds.agents.a.costAnomaly.sigmas", value: 1.5, fileValue: 2, tuning: id }],
      settings: { thresholds: { agents: { a: { costAnomaly: { sigmas: 1.5 } } } } },
    });
    const restarted = await openServices(api.services.config, readSettings(undefined, {}), "restarted", "worker");
    expect(sigmas(restarted)).toBe(1.5);
    await restarted.close();
    expect((await decide("approve", order)).body.detail).toContain("it is approved");
  });

  it("are marked as overruled, and dropped everywhere, once the file says something else of that value", async () => {
    other.heldSettings.reload(() => readSettings("thresholds: { agents: { a: { costAnomaly: { sigmas: 3 } } } }", {}));
    expect([sigmas(other), sigmas(api.services)]).toEqual([3, 1.5]);
    await overruleTunings(other);
    const { body } = await api.get(`/api/tunings/${id}`, as(tokens.viewer));
    expect(body).toMatchObject({ state: "overruled", decidedBecause: "the settings file says 3 now, and said 2" });
    await until(async () => sigmas(api.services) === 2, "the other process to drop it", 5_000);
    const timeline = (await other.incidents.view(incidentId))!.timeline.map(({ what }) => what);
    expect(timeline.slice(-2)).toEqual(["tuning-approved", "tuning-overruled"]);
  });
});
