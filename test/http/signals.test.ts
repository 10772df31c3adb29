import { afterAll, beforeAll, expect, it } from "vitest";
import { aSignal } from "../redis/open-request.ts";
import { type Api, budgetEvent, openApi } from "./api.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

it.each([
  ["auto-contain", "stale", "stale: older than 24 h"],
  ["auto-contain", "ignored", "ignored: older than 24 h"],
  ["auto-contain", "acted", null],
  ["auto-contain", null, null],
  ["alert-human", "ignored", null],
] as const)(
  "a signal of tier %s whose event is %s and that has no incident says why: %s",
  async (tier, disposition, said) => {
    const { body } = await api.post(budgetEvent(97, { event_id: `${tier} ${disposition}` }));
    const eventId = String(body.eventId);
    if (disposition) await api.services.inbox.dispose(eventId, disposition, "older than 24 h");
    const signal = aSignal();
    await api.services.verdicts.keep({ signal, tier, decidedBy: "policy line 3", eventId });
    expect((await api.get(`/api/signals/${signal.id}`)).body).toMatchObject({ eventId, notActedOn: said });
    expect((await api.get("/api/signals?limit=1")).body).toMatchObject({ signals: [{ notActedOn: said }] });
  },
);
