import { describe, it } from "vitest";
import { aSignal } from "../redis/open-request.ts";
import { isQuiet } from "../support/night.ts";
import { inProduct, type Product } from "../support/product.ts";
import { until } from "../support/until.ts";
import type { Point } from "../support/worker-with-kill-point.ts";

const agentId = "procurement-17";
const killed = { code: null, signal: "SIGKILL" };

/** Each says the same: only the first of them is news. */
async function signalled({ services }: Product): Promise<void> {
  const signal = aSignal({ agentId });
  await services.verdicts.keep({ signal, tier: "auto-contain", decidedBy: "default policy: critical -> auto-contain" });
  await services.dispatch.add("freeze", agentId, `freeze-${signal.id}`, {
    eventId: null,
    agentId,
    signalId: signal.id,
  });
}

const incidentOf = async ({ services }: Product) => (await services.incidents.list(1))[0];
const untilQuiet = (product: Product, what: string) =>
  until(() => isQuiet(product, "freeze", "contain"), what, 60_000, 100);

describe.concurrent("when a worker is killed with -9 in the look that several signals joined for", {
  timeout: 120_000,
}, () => {
  it.for<[Point]>([["before-claim"], ["after-claim"], ["after-call"]])(
    "%s of a cancel, the next worker takes back what had got past the hold, once, and looks for those that joined meanwhile",
    ([point], { expect }) =>
      inProduct({}, async (product) => {
        const { admin, services } = product;
        await admin.placeAgent(agentId);
        await admin.holdEscrows(agentId, "flaky-upstream", "150.00", 3);
        // The fourth cancel is the first of the look after it.
        const worker = await product.startKillable("containment", "cancel", point, 4, "die");
        await signalled(product);
        await until(async () => (await incidentOf(product))?.status === "contained", "it to be contained", 60_000, 50);
        await admin.holdEscrows(agentId, "flaky-upstream", "150.00", 2);
        await Promise.all([signalled(product), signalled(product)]);
        expect(await worker.ended).toEqual(killed);
        await signalled(product);
        await product.startWorker("containment");
        const { id } = (await incidentOf(product))!;
        const recovered = async () => (await services.incidents.view(id))!.dollars.recovered;
        await until(async () => (await recovered()) === "750.00", "all five to be taken back", 60_000, 100);
        await untilQuiet(product, "nobody to look any more");
        const view = (await services.incidents.view(id))!;
        expect(view).toMatchObject({ status: "contained", signalCount: 4, dollars: { lost: "0.00" } });
        expect(view.timeline.filter(({ what }) => what === "contained")).toHaveLength(1);
        expect(await admin.calls("cancel_escrow")).toBe(5);
        // None of those that joined has a job of its own.
        const bull = services.queues.of("contain", 0);
        const jobs = (await bull.getJobs()).map((job) => job.id ?? "");
        expect(jobs.filter((job) => job.startsWith("contain-"))).toHaveLength(1);
      }),
  );
});
