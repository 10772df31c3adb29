import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Score, scoreOf } from "../../src/cli/score.ts";
import { play, stage } from "../../src/sandbox/play.ts";
import { type Receiver, startReceiver } from "../notify/receiver.ts";
import type { CommandProcess } from "../support/command-process.ts";
import { created, expectStopped, night } from "../support/night.ts";
import { type Product, settingsOf, startProduct } from "../support/product.ts";
import { until } from "../support/until.ts";

const UNDISTURBED = "calm-17";
const DISTURBED = "hurt-17";
/** Slower than the fault tests play it: at which escrow the freeze comes is to be the same, whatever else the machine does. */
const SPEED = 6;
const ATTEMPTS = 24;
/** Of the burst rule: nobody acts on less. */
const BEFORE_DETECTION = 3;

let pager: Receiver;
let product: Product;
beforeAll(async () => {
  pager = await startReceiver();
  product = await startProduct({
    apis: 3,
    workers: ["containment", "containment", "containment", "containment", "cascade", "notification"],
    settings: settingsOf(2_000, UNDISTURBED, DISTURBED),
    // Long enough for somebody to be killed in the middle of it.
    sandbox: { cancelPause: { beforeRefundMs: 200, afterRefundMs: 200 } },
    environment: {
      NOTIFY_WEBHOOK_URL: pager.url,
      NOTIFY_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    },
  });
}, 120_000);
afterAll(async () => {
  await product?.close();
  await pager?.close();
});

interface Result {
  score: Score;
  cancels: number;
  freezes: number;
  pages: readonly string[];
}

/** onCreated hears how many escrows the loop has opened so far. */
async function drill(payer: string, onCreated: (created: number) => void): Promise<Result> {
  const scenario = night(payer, ATTEMPTS);
  const cancelsBefore = await product.admin.calls("cancel_escrow");
  await stage(product.sandbox.url, scenario);
  const played = await play(product.sandbox.url, scenario, {
    speed: SPEED,
    onAttempt: ({ created }, accepted) => accepted && onCreated(created),
  });
  const incident = await expectStopped(product, payer);
  const mine = (await product.services.incidents.list(50)).filter(({ agentId }) => agentId === payer);
  const views = await Promise.all(mine.map(({ id }) => product.services.incidents.view(id)));
  const pages = () => pagesOf(incident.id);
  await until(async () => pages().some((page) => page.includes("contained")), "the page that it is contained", 30_000);
  const freezes = (await product.admin.effects("budget.set")).filter(
    (row) => row.agentId === payer && row.caps?.daily === "0.00",
  );
  return {
    score: await scoreOf(
      product.sandbox.url,
      scenario,
      played,
      views.filter((view) => view !== null),
    ),
    cancels: (await product.admin.calls("cancel_escrow")) - cancelsBefore,
    freezes: freezes.length,
    pages: pages(),
  };
}

/** Containment workers, whoever has a job in hand first. */
async function busiest(count: number): Promise<readonly CommandProcess[]> {
  const bulls = (["freeze", "contain"] as const).map((queue) => product.services.queues.of(queue, 0));
  const jobs = (await Promise.all(bulls.map((bull) => bull.getJobs(["active"])))).flat();
  const hasOne = ({ pid }: CommandProcess) => jobs.some((job) => job.processedBy?.endsWith(`:${pid}`));
  expect(jobs.length, "jobs in hand").toBeGreaterThan(0);
  const workers = product.workers.slice(0, 4);
  return [...workers.filter(hasOne), ...workers.filter((one) => !hasOne(one))].slice(0, count);
}

/** As if the first drill were long past: two agents in trouble within five minutes are a cascade. */
async function forgetWindow(): Promise<void> {
  const { redis } = product.services;
  await redis.del(...(await redis.keys("{tq:fleet}:cascade*")));
}

/** What was told of an incident, each time it was told. */
function pagesOf(incidentId: string): readonly string[] {
  return pager.received
    .filter(({ text }) => text.includes(incidentId))
    .map(({ text }) => JSON.parse(text))
    .map(({ type }) => type)
    .sort();
}

describe("a drill with three API processes and four containment workers", () => {
  it("has the same score when one API and two workers are killed in the middle of it", async () => {
    const calm = await drill(UNDISTURBED, () => undefined);
    expect(calm.score).toMatchObject({ contained: true, lost: "0.00", incidents: 1 });
    for (const [url, count] of product.front.answered)
      expect({ url, isUsed: count > 3 }).toEqual({ url, isUsed: true });

    await forgetWindow();

    let killed: readonly CommandProcess[] = [];
    const cancelsBefore = await product.admin.calls("cancel_escrow");
    const isCancelling = async () => (await product.admin.calls("cancel_escrow")) > cancelsBefore;
    const hurt = await drill(DISTURBED, (created) => {
      if (created !== BEFORE_DETECTION) return;
      void product.apis[1]!.kill();
      void until(isCancelling, "the first cancel", 30_000, 10).then(async () => {
        killed = await busiest(2);
        await Promise.all(killed.map((worker) => worker.kill()));
      });
    });
    expect(killed).toHaveLength(2);
    for (const gone of [product.apis[1]!, ...killed]) expect(await gone.ended).toMatchObject({ signal: "SIGKILL" });
    expect(Math.abs(hurt.score.frozenAtEscrow! - calm.score.frozenAtEscrow!)).toBeLessThanOrEqual(1);
    const { frozenAtEscrow, webhookToFreezeMs, lockedAtFreeze, recovered, escrowsCreated, ...same } = hurt.score;
    expect({ ...calm.score, ...same }).toEqual(calm.score);
    expect({ contained: same.contained, lost: same.lost, incidents: same.incidents }).toEqual({
      contained: true,
      lost: "0.00",
      incidents: 1,
    });
    expect(hurt.cancels).toBe(await created(product, DISTURBED));
    expect(calm.cancels).toBe(await created(product, UNDISTURBED));
    expect({ freezes: hurt.freezes, pages: hurt.pages }).toEqual({ freezes: calm.freezes, pages: calm.pages });
  }, 180_000);
});
