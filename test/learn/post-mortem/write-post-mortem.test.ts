import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readStored } from "../../../src/detect/event.ts";
import { TourniquetError } from "../../../src/errors.ts";
import type { Gateway } from "../../../src/incident/gateway.ts";
import { canonicalJson, sha256 } from "../../../src/incident/ledger.ts";
import { money } from "../../../src/incident/money.ts";
import { writePostMortem } from "../../../src/learn/post-mortem/write-post-mortem.ts";
import { announcementOf } from "../../../src/notify/announcement.ts";
import { keys } from "../../../src/redis/keys.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { openRequest } from "../../redis/open-request.ts";
import { openStores, type Stores } from "../../redis/open-stores.ts";
import { anEscrow } from "../../runbooks/escrow-gateway.ts";
import { recordedDispatch, silent } from "../../runbooks/step-ports.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(() => stores.redis.flushdb().then(() => undefined));

const answering = {
  now: () => null,
  readBalance: async () => ({ balance: money("99.10") }),
  async *listEscrows() {
    yield [anEscrow("esc-1")];
  },
  listTransactions: async () => [],
} as unknown as Gateway;
const away = async () => {
  throw new TourniquetError("gateway-timeout", "no answer within 5000 ms");
};

function writer(gateway: Gateway = answering) {
  const dispatch = recordedDispatch();
  const settings = readSettings(undefined, {});
  const ports = { ...stores, gateway, dispatch, settings, log: silent, readEvent: readStored };
  return { dispatch, write: (incidentId: string) => writePostMortem(ports, { incidentId }) };
}
const open = async () => (await stores.incidents.open(openRequest())).incidentId;
const over = async () => {
  const id = await open();
  await stores.incidents.setStatus(id, "stood-down", "recover", { answer: "restored" });
  return id;
};
const linesOf = async (id: string, what: string) =>
  (await stores.redis.lrange(keys.ledger(0, id), 0, -1)).filter((line) => line.includes(`"what":"${what}"`));

describe("when an incident is over", () => {
  it("its post-mortem is written, noted with its digest in timeline and ledger, published and paged", async () => {
    const { write, dispatch } = writer();
    const id = await over();
    expect(await write(id)).toEqual({ answer: "written" });
    const document = await stores.postMortems.load(id);
    expect(document).toMatchObject({ incidentId: id, isDraft: false, status: "stood-down" });
    const digest = sha256(canonicalJson(document));
    const { timeline } = (await stores.incidents.view(id))!;
    expect(timeline.at(-1)).toMatchObject({ phase: "learn", what: "post-mortem-written", detail: { sha256: digest } });
    expect(await linesOf(id, "post-mortem-written")).toEqual([expect.stringContaining(digest)]);
    const about = { agentId: "agent-7", incidentId: id, signalId: null, what: "post-mortem" };
    expect(dispatch.added.map(({ jobId, data }) => [jobId, data])).toEqual([
      [`publish-${id}-post-mortem`, { ...about, kind: "publish" }],
      [`page-${id}-post-mortem`, { ...about, kind: "page" }],
    ]);
  });

  it("written again it stays as it was, and nobody hears of it twice, however late", async () => {
    const id = await over();
    await writer().write(id);
    const first = await stores.redis.hget(keys.postMortem(0, id), "json");
    const { write, dispatch } = writer();
    expect(await write(id)).toEqual({ answer: "known" });
    expect(await stores.redis.hget(keys.postMortem(0, id), "json")).toBe(first);
    expect(dispatch.added).toEqual([]);
    expect(await linesOf(id, "post-mortem-written")).toHaveLength(1);
  });

  it("two workers that write at once keep one", async () => {
    const id = await over();
    const { write, dispatch } = writer();
    await Promise.all([write(id), write(id), write(id)]);
    expect(await linesOf(id, "post-mortem-written")).toHaveLength(1);
    expect(dispatch.added).toHaveLength(2);
  });

  it("what was not kept yet is kept: it ended before its window of evidence did", async () => {
    const id = await over();
    await writer().write(id);
    expect(await stores.incidents.evidence(id)).toMatchObject({
      "at-end": { balance: { known: { balance: "99.10" } } },
    });
  });

  it("a gateway that is away holds nothing up: what it did not say is unknown", async () => {
    const id = await over();
    async function* listEscrows() {
      yield await away();
    }
    const gateway = { now: () => null, readBalance: away, listTransactions: away, listEscrows } as unknown as Gateway;
    await writer(gateway).write(id);
    const document = await stores.postMortems.load(id);
    expect(document?.evidence.unknown.sort()).toEqual(["balance", "escrows", "transactions"]);
    expect(document?.impact.spent.amount).toBeNull();
    expect(document?.actionItems[0]?.what).toContain("Find out by hand what could not be kept as evidence");
  });
});

describe("while an incident is open", () => {
  it("nothing is written, and the job comes again", async () => {
    const id = await open();
    const { write, dispatch } = writer();
    await expect(write(id)).rejects.toMatchObject({ code: "step-failed" });
    expect(await stores.postMortems.load(id)).toBeNull();
    expect(dispatch.added).toEqual([]);
    expect(await writer().write("inc-0-none-1")).toEqual({ answer: "no-incident" });
  });
});

describe("what the gateway's bus hears of a post-mortem", () => {
  it("is ids, durations and counts, and nothing that anybody else could use", async () => {
    const id = await over();
    const { eventType, payload } = announcementOf((await stores.incidents.load(id))!, "post-mortem");
    expect(eventType).toBe("incident_post_mortem");
    expect(payload).toMatchObject({ incident_id: id, total_ms: expect.any(Number), hold_breaches: 0 });
    expect(JSON.stringify(payload)).not.toMatch(/agent-7|flaky-upstream|\d+\.\d\d/);
  });
});
