import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TourniquetError } from "../../src/errors.ts";
import { tellingOf } from "../redis/deliveries.ts";
import { openRequest } from "../redis/open-request.ts";
import { nobodySawCaps } from "../redis/unseen-caps.ts";
import { type Api, openApi, tokens } from "./api.ts";

let api: Api;
beforeAll(async () => {
  const readBalance = () => Promise.reject(new TourniquetError("gateway-timeout", "no answer within 5 s"));
  api = await openApi({
    tokens,
    ports: ({ ordered }) => ({ ordered: { ...ordered, gateway: { ...ordered.gateway, readBalance } } }),
  });
});
afterAll(() => api.close());

const contain = (agentId: string) =>
  api.post(JSON.stringify({ by: "ada", reason: "buys in circles" }), {
    path: `/api/agents/${agentId}/contain`,
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens.responder}` },
  });

describe("an order to contain over HTTP while the gateway does not answer", () => {
  it("is taken where the product knows the agent: nobody is asked", async () => {
    await api.services.inbox.accept(tellingOf("agent-7"));
    expect(await contain("agent-7")).toMatchObject({ status: 202, body: { agentId: "agent-7" } });
  });

  it("is 502 where only the gateway could know it: that it does not exist was never found", async () => {
    expect(await contain("agent-77")).toMatchObject({
      status: 502,
      body: {
        type: "urn:tourniquet:problem:gateway-unreachable",
        detail: expect.stringMatching(/^nothing was ordered: .*no answer within 5 s/),
      },
    });
    const ordered = (await api.services.verdicts.recent(10)).map(({ signal }) => signal.agentId);
    expect(ordered).toEqual(["agent-7"]);
  });
});

describe("a stand-down by somebody who has not seen another's order", () => {
  it("is refused, and done once they have", async () => {
    const { incidentId } = await api.services.incidents.open(openRequest({ agentId: "agent-8" }));
    await api.services.incidents.open(openRequest({ agentId: "agent-8", kind: "containment-order" }));
    await nobodySawCaps(api.services, incidentId);
    const standDown = (joined: number) =>
      api.post(JSON.stringify({ by: "eve", reason: "planned", joined, caps: { daily: "500.00", monthly: "none" } }), {
        path: `/api/incidents/${incidentId}/stand-down`,
        headers: { "content-type": "application/json", authorization: `Bearer ${tokens.responder}` },
      });
    expect(await standDown(1)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/^Something joined .*nothing was stood down/) },
    });
    expect((await api.services.incidents.load(incidentId))!.standDown).toBeNull();
    expect(await standDown(2)).toMatchObject({ status: 202, body: { status: "begun" } });
  });
});
